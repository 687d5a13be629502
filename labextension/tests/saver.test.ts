import { beforeEach, describe, expect, it, vi } from 'vitest';

import { trackerOf } from '../src/saving/changeTracker';
import { ContentsClient } from '../src/saving/contents';
import { Saver } from '../src/saving/saver';
import type { IDocumentReport } from '../src/server/protocol';
import { FakeContext } from './helpers/contexts';
import { Server } from './helpers/server';

let server: Server;
let saver: Saver;

beforeEach(() => {
  server = new Server();
  saver = new Saver(new ContentsClient(server.settings), 50);
});

/** Open a document in a page that has been open from the beginning. */
async function open(content: unknown = 'one', path = 'notes.txt'): Promise<FakeContext> {
  const document = new FakeContext(server, path, content);
  trackerOf(document.context);
  await document.ready;
  server.log.length = 0;
  return document;
}

function save(document: FakeContext): Promise<IDocumentReport> {
  return saver.save(document.context);
}

function content(path = 'notes.txt'): unknown {
  return server.files.get(path)?.content;
}

/** Return the content of the rescue copy in a report. */
function rescued({ outcome, copy }: IDocumentReport): unknown {
  expect(outcome).toBe('rescued');
  return content(copy ?? '');
}

describe('a document that nobody touched', () => {
  it('is clean, is not written, and is not even read when its hash is still the same', async () => {
    const document = await open();
    expect(await save(document)).toMatchObject({ outcome: 'clean', detail: null });
    expect(document.saves).toBe(0);
    expect(server.log).toEqual(['GET notes.txt?content=0&hash=1']);
  });

  it('is clean but stale when something else wrote a newer version', async () => {
    const document = await open();
    server.write('notes.txt', 'theirs');
    expect(await save(document)).toMatchObject({
      outcome: 'clean',
      detail: expect.stringMatching(/^stale/) as string
    });
    expect(content()).toBe('theirs');
  });

  it.each(['one', 'theirs'])('is compared on servers that tell no hash (%s)', async onDisk => {
    server.tellsHashes = false;
    const document = await open();
    server.write('notes.txt', onDisk);
    const { outcome, detail } = await save(document);
    expect([outcome, detail === null]).toEqual(['clean', onDisk === 'one']);
  });

  it('is rescued when its file was deleted: the tab holds the only copy, and the file stays away', async () => {
    const document = await open();
    server.files.delete('notes.txt');
    const report = await save(document);
    expect(rescued(report)).toBe('one');
    expect(report.detail).toMatch(/^deleted/);
    expect(document.saves).toBe(0);
    expect(content()).toBeUndefined();
  });

  it('is saved when it changes while its file is read', async () => {
    server.tellsHashes = false;
    const document = await open();
    server.instead = (_, __, query) => {
      if (query.get('content') === '1' && document.saves === 0) {
        document.type('two'); // as a kernel does that writes its output
      }
      return null;
    };
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('two');
  });

  it('is nothing to keep when it was empty', async () => {
    const document = await open('');
    server.files.delete('notes.txt');
    expect(await save(document)).toMatchObject({ outcome: 'clean' });
  });

  it('is clean when JupyterLab could not even open it', async () => {
    const document = new FakeContext(server, 'latin-1.txt', 'x');
    const never: Partial<FakeContext> = { ready: new Promise<void>(() => undefined) };
    expect(await save(Object.assign(document, never))).toMatchObject({
      outcome: 'clean',
      detail: expect.stringMatching(/^not-loaded/) as string
    });
  });
});

describe('a document with unsaved changes', () => {
  it('is saved when the disk holds what the tab holds', async () => {
    const document = await open();
    document.type('two');
    expect(await save(document)).toMatchObject({
      path: 'notes.txt',
      outcome: 'saved',
      detail: null,
      copy: null
    });
    expect(content()).toBe('two');
  });

  it('is saved although the server normalises line endings', async () => {
    const document = await open();
    document.type('a\nb');
    document.onDisk = text => String(text).replace(/\n/g, '\r\n');
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
  });

  it('is saved with what was typed while the save was in flight', async () => {
    const document = await open();
    document.type('two');
    document.duringSave = () => {
      document.duringSave = null;
      document.type('three');
    };
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('three');
    expect(document.saves).toBe(2);
  });

  it('is saved again when deleted on disk: its text is only here', async () => {
    const document = await open();
    document.type('two');
    server.files.delete('notes.txt');
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('two');
  });

  it('is clean when the disk holds it already, although its file is another one', async () => {
    const document = await open();
    document.type('two');
    server.write('notes.txt', 'two');
    expect(await save(document)).toMatchObject({ outcome: 'clean' });
    expect(document.model.dirty).toBe(false);
  });

  it('is saved under the name that it was given meanwhile', async () => {
    const document = await open();
    document.type('two');
    server.files.set('renamed.txt', server.files.get('notes.txt') ?? server.write('x', ''));
    server.files.delete('notes.txt');
    document.localPath = 'renamed.txt';
    expect(await save(document)).toMatchObject({ path: 'renamed.txt', outcome: 'saved' });
    expect([...server.files.keys()]).toEqual(['renamed.txt']);
  });

  it('is saved although the server breaks base64 into lines', async () => {
    const document = await open('AAAA');
    document.contentsModel.format = 'base64';
    document.type('AAAABBBB');
    document.onDisk = () => 'AAAA\nBBBB\n';
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
  });

  it('is read-only when the file may not be written', async () => {
    server.write('notes.txt', 'one', { writable: false });
    const document = await open();
    document.type('two');
    expect(await save(document)).toMatchObject({ outcome: 'read-only', copy: null });
    expect(document.saves).toBe(0);
  });

  it('fails with what the server said', async () => {
    const document = await open();
    document.type('two');
    document.save = () => Promise.reject(new Error('No space left on device'));
    expect(await save(document)).toMatchObject({
      outcome: 'failed',
      detail: 'no-space: No space left on device'
    });
  });

  it.each([
    [
      'Unexpected error while saving file: a.txt [Errno 28] No space left on device',
      500,
      'no-space: '
    ],
    ['Disk quota exceeded', 500, 'no-space: '],
    ['Permission denied: notes.txt', 403, 'permission: '],
    ["'utf-8' codec can't encode character '\\ud800'", 500, 'encoding: '],
    ['Unexpected error while running post hook save: x', 500, 'hook: '],
    ['No cell outputs in this repository', 400, 'hook: '],
    ["'_xsrf' argument missing from PUT", 403, ''],
    ['File too large', 500, '']
  ])('fails with a code for the cause: %s', async (message, status, code) => {
    const document = await open();
    document.type('two');
    const response = new Response('', { status });
    document.save = () => Promise.reject(Object.assign(new Error(message), { response }));
    expect(await save(document)).toMatchObject({ outcome: 'failed', detail: code + message });
  });

  it('fails and says so when its folder vanished', async () => {
    const document = await open('one', 'far away/notes.txt');
    document.type('two');
    server.files.clear();
    document.save = () => Promise.reject(new Error('Unexpected error while saving file'));
    expect(await save(document)).toMatchObject({
      outcome: 'failed',
      detail: 'folder: far away is no longer there'
    });
  });

  it('times out when a save never ends', async () => {
    const document = await open();
    document.type('two');
    document.save = () => new Promise<void>(() => undefined);
    expect(await save(document)).toMatchObject({ outcome: 'timeout' });
  });

  it('times out when the server does not answer', async () => {
    const document = await open();
    saver = new Saver(new ContentsClient(server.settings, 5), 50);
    document.type('two');
    server.isSilent = true;
    expect(await save(document)).toMatchObject({ outcome: 'timeout' });
  });

  it('is unverified when typing never stops', async () => {
    const document = await open();
    document.type('0');
    document.duringSave = () => {
      document.type(`${document.saves}`);
    };
    expect(await save(document)).toMatchObject({ outcome: 'unverified' });
    expect(document.saves).toBe(3);
  });
});

describe('a notebook whose kernel writes without end', () => {
  const notebook = (text: string, source = 'train()') => ({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [{ cell_type: 'code', id: 'a', source, metadata: {}, outputs: [{ text }] }]
  });

  it('is saved with what was written up to the last save', async () => {
    const document = await open(notebook(''), 'a.ipynb');
    document.duringSave = () => {
      document.type(notebook(`epoch ${document.saves}`));
    };
    document.type(notebook('epoch 0'));
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content('a.ipynb')).toEqual(notebook('epoch 1'));
  });

  it('is unverified when the disk does not follow', async () => {
    const document = await open(notebook(''), 'a.ipynb');
    document.duringSave = () => {
      document.type(notebook(`epoch ${document.saves}`));
    };
    document.onDisk = () => notebook('');
    document.type(notebook('epoch 0'));
    expect(await save(document)).toMatchObject({ outcome: 'unverified' });
  });
});

describe('a conflict', () => {
  it('leaves the file as it is and puts our version beside it', async () => {
    const document = await open();
    document.type('mine');
    server.write('notes.txt', 'theirs');
    const report = await save(document);
    expect(rescued(report)).toBe('mine');
    expect(report.detail).toMatch(/^conflict/);
    expect(content()).toBe('theirs');
    expect(document.saves).toBe(0);
  });

  it('is seen by the time on servers that tell no hash', async () => {
    server.tellsHashes = false;
    const document = await open();
    document.type('mine');
    server.write('notes.txt', 'theirs');
    expect(rescued(await save(document))).toBe('mine');
    expect(content()).toBe('theirs');
  });

  it('that JupyterLab only meets when it saves is one as well', async () => {
    const document = await open();
    document.type('mine');
    const cancelled = new Error('Cancel');
    cancelled.name = 'ModalCancelError';
    document.save = () => Promise.reject(cancelled);
    expect(rescued(await save(document))).toBe('mine');
  });

  it('with a file that is no notebook any more is one as well', async () => {
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] };
    const document = await open(notebook, 'a.ipynb');
    document.type({ ...notebook, metadata: { mine: true } });
    server.write('a.ipynb', '<<<<<<< HEAD');
    server.instead = (method, path, query) =>
      method === 'GET' && path === 'a.ipynb' && query.get('content') === '1'
        ? Response.json({ message: 'Unreadable Notebook' }, { status: 400 })
        : null;
    expect(rescued(await save(document))).toEqual({ ...notebook, metadata: { mine: true } });
  });

  it('right after our save is not overwritten by another save', async () => {
    const document = await open();
    document.type('mine');
    document.onDisk = () => 'theirs';
    expect(rescued(await save(document))).toBe('mine');
    expect(content()).toBe('theirs');
    expect(document.saves).toBe(1);
  });
});

describe('flags that lie', () => {
  it('a document that says it is not dirty, but lost an edit, is saved', async () => {
    const document = await open();
    document.type('two');
    document.duringSave = () => {
      document.type('three'); // jupyterlab#17365
    };
    await document.save();
    document.duringSave = null;
    expect(document.model.dirty).toBe(false);
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('three');
  });

  it('a lost edit in a file that something else has written is rescued, not called stale', async () => {
    const document = await open();
    document.type('two');
    document.model.dirty = false;
    server.write('notes.txt', 'theirs');
    expect(rescued(await save(document))).toBe('two');
    expect(content()).toBe('theirs');
  });

  it('a lost edit in a file that was deleted is rescued', async () => {
    const document = await open();
    document.type('two');
    document.model.dirty = false;
    server.files.delete('notes.txt');
    expect(rescued(await save(document))).toBe('two');
  });

  it('a document that was open before anyone watched is compared, and rescued when in doubt', async () => {
    const document = new FakeContext(server, 'notes.txt', 'mine');
    await document.ready;
    server.write('notes.txt', 'theirs');
    expect(rescued(await save(document))).toBe('mine');
  });

  it('a save of JupyterLab itself is no proof', async () => {
    const document = await open();
    document.type('two');
    document.onDisk = () => 'one';
    await document.save();
    expect(document.model.dirty).toBe(false);
    expect(rescued(await save(document))).toBe('two');
    expect(content()).toBe('one');
  });

  it('a save that resolves without writing is unverified', async () => {
    const document = await open();
    document.type('two');
    document.onDisk = () => 'one';
    expect(await save(document)).toMatchObject({ outcome: 'unverified', copy: null });
  });

  it('a shared document is read back, and never written by the tab', async () => {
    const document = await open('one');
    document.model.collaborative = true;
    document.type('two');
    server.write('notes.txt', 'two'); // another hash, but only because the server saves by itself
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(document.saves).toBe(0);
    expect(document.model.dirty).toBe(false);
    await save(document);
    expect(server.log.at(-1)).toBe('GET notes.txt?content=1&hash=1&type=file&format=text');
  });

  it('what was typed into a shared document is rescued when the server lets another version win', async () => {
    const document = await open('one');
    document.model.collaborative = true;
    document.type('mine');
    server.write('notes.txt', 'theirs');
    const round = save(document);
    await vi.waitUntil(() => server.log.length > 0);
    document.type('theirs'); // as it comes from the server
    const report = await round;
    expect(rescued(report)).toBe('mine');
    expect(report.detail).toMatch(/^replaced/);
    expect(content()).toBe('theirs');
  });
});

describe('after a proof', () => {
  it('the next round takes the hash for it', async () => {
    const document = await open();
    document.type('two');
    await save(document);
    server.log.length = 0;
    expect(await save(document)).toMatchObject({ outcome: 'clean' });
    expect(server.log).toEqual(['GET notes.txt?content=0&hash=1']);
  });

  it('a change is seen again', async () => {
    const document = await open();
    document.type('two');
    await save(document);
    document.type('three');
    document.model.dirty = false;
    expect(await save(document)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('three');
  });
});

describe('two tabs that save one file at the same moment', () => {
  it('tell different versions, and the one that was written over is rescued in the next round', async () => {
    const first = await open();
    const second = new FakeContext(server, 'notes.txt', 'one');
    trackerOf(second.context);
    await second.ready;
    first.type('mine');
    second.type('theirs');
    const mine = await save(first);
    second.contentsModel = { ...first.contentsModel }; // it had looked before the first one wrote
    const theirs = await save(second);
    expect([mine.outcome, theirs.outcome]).toEqual(['saved', 'saved']);
    expect(mine.proof).not.toBe(theirs.proof);
    expect(rescued(await save(first))).toBe('mine');
    expect(content()).toBe('theirs');
  });

  it('are no conflict when they save the same text', async () => {
    const document = await open();
    document.type('two');
    const { proof } = await save(document);
    expect(proof).toBe(server.files.get('notes.txt')?.hash);
    expect(await save(document)).toMatchObject({ outcome: 'clean' });
  });

  it('leave alone what something else writes after a save of the usual kind', async () => {
    const document = await open();
    document.type('two');
    await document.save();
    await save(document);
    server.write('notes.txt', 'formatted');
    expect(await save(document)).toMatchObject({ outcome: 'clean' });
  });
});
