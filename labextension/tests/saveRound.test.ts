import { beforeEach, describe, expect, it } from 'vitest';

import { ContentsClient } from '../src/saving/contents';
import { saveRound } from '../src/saving/saveRound';
import { Saver } from '../src/saving/saver';
import type { IDocumentReport } from '../src/server/protocol';
import { FakeContext } from './helpers/contexts';
import { Server } from './helpers/server';

let server: Server;
let saver: Saver;

beforeEach(() => {
  server = new Server();
  saver = new Saver(new ContentsClient(server.settings), 1000);
});

function open(path: string, text = 'one'): FakeContext {
  return new FakeContext(server, path, text);
}

function save(contexts: FakeContext[], budget = 1000): Promise<IDocumentReport[]> {
  return saveRound(
    saver,
    contexts.map(({ context }) => context),
    budget
  );
}

function outcomes(reports: IDocumentReport[]): Record<string, string> {
  return Object.fromEntries(reports.map(({ path, outcome }) => [path, outcome]));
}

it('reports every document of the tab', async () => {
  const documents = Array.from({ length: 20 }, (_, index) => open(`${index}.txt`));
  documents[7]?.type('two');
  const reports = await save(documents);
  expect(reports).toHaveLength(20);
  expect(outcomes(reports)).toMatchObject({ '0.txt': 'clean', '7.txt': 'saved' });
});

it('has nothing to say when nothing is open', async () => {
  expect(await save([])).toEqual([]);
});

it('never saves more than three at a time', async () => {
  let running = 0;
  let most = 0;
  const slow = {
    save: async ({ localPath }: { localPath: string }): Promise<IDocumentReport> => {
      most = Math.max(most, ++running);
      await new Promise(resolve => setTimeout(resolve, 1));
      running -= 1;
      return { path: localPath, outcome: 'clean', detail: null, copy: null };
    }
  };
  const documents = Array.from({ length: 20 }, (_, index) => open(`${index}.txt`).context);
  await saveRound(slow, documents, 1000);
  expect(most).toBe(3);
});

it('answers in time although one save never ends', async () => {
  const stuck = open('stuck.txt');
  stuck.type('two');
  stuck.save = () => new Promise<void>(() => undefined);
  const reports = await save([stuck, open('fine.txt')], 30);
  expect(outcomes(reports)).toEqual({ 'stuck.txt': 'timeout', 'fine.txt': 'clean' });
});

describe('one file that is open in two views', () => {
  it('is reported once, the unsaved view first', async () => {
    const clean = open('a.txt');
    const dirty = open('a.txt');
    dirty.type('two');
    expect(outcomes(await save([clean, dirty]))).toEqual({ 'a.txt': 'saved' });
    expect(clean.saves).toBe(0);
  });

  it('is saved once when both hold the same unsaved text', async () => {
    const [one, two] = [open('a.txt'), open('a.txt')];
    one.type('mine');
    two.type('mine');
    const reports = await save([one, two]);
    expect(reports).toMatchObject([{ path: 'a.txt', outcome: 'saved', copy: null }]);
    expect(one.saves + two.saves).toBe(1);
    expect([one.model.dirty, two.model.dirty]).toEqual([false, false]);
  });

  it('keeps both texts when they differ: one in the file, one beside it', async () => {
    const [one, two] = [open('a.txt'), open('a.txt')];
    one.type('mine');
    two.type('mine too');
    const reports = await save([one, two]);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['saved', 'rescued']);
    expect(server.files.get('a.txt')?.content).toBe('mine');
    expect(server.files.get(reports[1]?.copy ?? '')?.content).toBe('mine too');
  });

  it('names every rescue copy', async () => {
    const views = [open('a.txt'), open('a.txt')];
    views.forEach((view, index) => {
      view.type(`mine ${index}`);
    });
    server.write('a.txt', 'theirs');
    const copies = (await save(views)).map(({ copy }) => copy ?? '');
    expect(new Set(copies).size).toBe(2);
    expect(copies.map(copy => server.files.get(copy)?.content)).toEqual(['mine 0', 'mine 1']);
    expect(server.files.get('a.txt')?.content).toBe('theirs');
  });
});
