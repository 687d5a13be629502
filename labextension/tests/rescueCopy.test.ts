import { beforeEach, describe, expect, it } from 'vitest';

import { ContentsClient } from '../src/saving/contents';
import { RescueCopies, copyPath } from '../src/saving/rescueCopy';
import { Saver } from '../src/saving/saver';
import { FakeContext } from './helpers/contexts';
import { Server } from './helpers/server';

const NOON = Date.UTC(2026, 10, 25, 12, 0, 0, 250);
const COPY = 'notes.unsaved-20261125T120000Z.txt';

let server: Server;
let saver: Saver;

beforeEach(() => {
  server = new Server();
  saver = tab();
});

function tab(): Saver {
  const disk = new ContentsClient(server.settings);
  return new Saver(disk, 50, new RescueCopies(disk, () => NOON));
}

function conflict(mine: unknown = 'mine', theirs: unknown = 'theirs', path = 'notes.txt') {
  const document = new FakeContext(server, path, 'one');
  document.type(mine);
  server.write(path, theirs);
  return document;
}

describe('the name of a copy', () => {
  it.each([
    ['notes.txt', 'notes.unsaved-NOW.txt'],
    ['folder/a b.ipynb', 'folder/a b.unsaved-NOW.ipynb'],
    ['.gitignore', '.gitignore.unsaved-NOW'],
    ['Makefile', 'Makefile.unsaved-NOW'],
    ['a.tar.gz', 'a.tar.unsaved-NOW.gz'],
    ['100% #1?.txt', '100% #1?.unsaved-NOW.txt'],
    ['분석.ipynb', '분석.unsaved-NOW.ipynb']
  ])('of %s', (path, copy) => {
    expect(copyPath(path, 'NOW')).toBe(copy);
  });

  it('fits into a folder', () => {
    for (const letter of ['x', '가', '😀']) {
      const copy = copyPath(`${letter.repeat(200)}.txt`, '20261125T120000Z-abcdefgh');
      expect(new TextEncoder().encode(copy).length).toBeLessThanOrEqual(250);
      expect(copy).toMatch(/^(x|가|😀)+\.unsaved-20261125T120000Z-abcdefgh\.txt$/u);
    }
  });
});

it('a copy stands beside the file under the time of the rescue', async () => {
  expect(await saver.save(conflict().context)).toMatchObject({ outcome: 'rescued', copy: COPY });
  expect([...server.files.keys()].sort()).toEqual(['notes.txt', COPY].sort());
});

describe('a copy is of the kind of its file', () => {
  it.each([
    ['text', 'notes.txt', 'mine', { type: 'file', format: 'text' }],
    ['base64', 'picture.png', 'bWluZQ==', { type: 'file', format: 'base64' }],
    [
      'json',
      'a.ipynb',
      { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] },
      { type: 'notebook', format: 'json' }
    ]
  ])('%s', async (format, path, mine, kind) => {
    const document = new FakeContext(server, path, mine);
    document.contentsModel.format = format;
    document.type(mine);
    server.write(path, 'theirs');
    const { copy } = await saver.save(document.context);
    expect(server.files.get(copy ?? '')).toMatchObject({ content: mine, ...kind });
  });
});

it('an existing file is never overwritten', async () => {
  server.write(COPY, 'of somebody');
  const { copy } = await saver.save(conflict().context);
  expect(copy).toBe('notes.unsaved-20261125T120000Z-2.txt');
  expect(server.files.get(COPY)?.content).toBe('of somebody');
});

it('two tabs that rescue the same file in the same second keep both versions', async () => {
  const other = new FakeContext(server, 'notes.txt', 'one');
  other.type('mine in the other tab');
  const reports = await Promise.all([tab().save(conflict().context), tab().save(other.context)]);
  expect(reports.map(({ copy }) => server.files.get(copy ?? '')?.content)).toEqual([
    'mine',
    'mine in the other tab'
  ]);
});

it('the same version keeps its copy in the next round, and is proven again', async () => {
  const document = conflict();
  const { copy } = await saver.save(document.context);
  expect(await saver.save(document.context)).toMatchObject({ outcome: 'rescued', copy });
  expect(server.files.size).toBe(2);
  expect(server.log.at(-1)).toMatch(`GET ${COPY}`);
});

it('a copy that somebody removed is written again', async () => {
  const document = conflict();
  await saver.save(document.context);
  server.files.delete(COPY);
  const { copy } = await saver.save(document.context);
  expect(server.files.get(copy ?? '')?.content).toBe('mine');
});

it('another version gets another copy, and the first one stays', async () => {
  const document = conflict();
  const first = await saver.save(document.context);
  document.type('mine, and more');
  const second = await saver.save(document.context);
  expect(second.copy).not.toBe(first.copy);
  expect(server.files.get(first.copy ?? '')?.content).toBe('mine');
  expect(server.files.get(second.copy ?? '')?.content).toBe('mine, and more');
});

it('a copy that cannot be renamed is kept under its first name', async () => {
  server.instead = method => (method === 'PATCH' ? Response.json({}, { status: 500 }) : null);
  const { copy } = await saver.save(conflict().context);
  expect(copy).toMatch(/^notes\.unsaved-20261125T120000Z-[0-9a-f]{8}\.txt$/);
  expect(server.files.get(copy ?? '')?.content).toBe('mine');
});

it('a copy that another one took the place of is left to that one', async () => {
  const document = conflict();
  server.instead = (method, path) => {
    if (method === 'GET' && path === COPY && server.files.get(COPY)?.content === 'mine') {
      server.write(COPY, 'of the other tab');
    }
    return null;
  };
  const { copy } = await saver.save(document.context);
  expect(server.files.get(copy ?? '')?.content).toBe('mine');
  expect(server.files.get(COPY)?.content).toBe('of the other tab');
});

it('keeps the line ends of the file', async () => {
  const { copy } = await saver.save(conflict('a\nb', 'a\r\nc').context);
  expect(server.files.get(copy ?? '')?.content).toBe('a\r\nb');
});

it('fails with what the server said when there is no room', async () => {
  const document = conflict();
  server.instead = method =>
    method === 'PUT' ? Response.json({ message: 'No space left' }, { status: 500 }) : null;
  expect(await saver.save(document.context)).toMatchObject({
    outcome: 'failed',
    detail: 'no-space: No space left',
    copy: null
  });
});

it('is unverified when the copy is not what was sent', async () => {
  const document = conflict();
  server.instead = (method, path) =>
    method === 'GET' && path.includes('unsaved') ? Response.json({ content: 'no' }) : null;
  expect(await saver.save(document.context)).toMatchObject({ outcome: 'unverified', copy: null });
});

describe('before the page is left', () => {
  it('what is in its copy is let go', async () => {
    const document = conflict();
    await saver.save(document.context);
    expect(document.model.dirty).toBe(true); // until then the file does not hold it
    saver.discardRescued([document.context]);
    expect(document.model.dirty).toBe(false);
  });

  it('what was typed since is not', async () => {
    const document = conflict();
    await saver.save(document.context);
    document.type('mine, and more');
    saver.discardRescued([document.context]);
    expect(document.model.dirty).toBe(true);
  });
});
