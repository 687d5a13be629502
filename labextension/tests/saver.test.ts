import { beforeEach, describe, expect, it } from 'vitest';

import { Disk } from '../src/disk';
import { Saver } from '../src/saver';
import { FakeContext } from './contexts';
import { Server } from './server';

let server: Server;
let saver: Saver;

beforeEach(() => {
  server = new Server();
  saver = new Saver(new Disk(server.settings), 50);
});

function open(text = 'one'): FakeContext {
  return new FakeContext(server, 'notes.txt', text);
}

function content(): unknown {
  return server.files.get('notes.txt')?.content;
}

describe('a document that nobody touched', () => {
  it('is clean, and is not written', async () => {
    const document = open();
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'clean', detail: null });
    expect(document.saves).toBe(0);
  });

  it('is clean but stale when something else wrote a newer version', async () => {
    const document = open();
    server.write('notes.txt', 'theirs');
    expect(await saver.save(document.context)).toMatchObject({
      outcome: 'clean',
      detail: expect.stringMatching(/^stale/) as string
    });
    expect(content()).toBe('theirs');
  });

  it('is not brought back when someone deleted the file', async () => {
    const document = open();
    server.files.delete('notes.txt');
    expect(await saver.save(document.context)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^deleted/) as string
    });
    expect(document.saves).toBe(0);
  });

  it('is looked at only, when it is a picture', async () => {
    const document = open();
    document.contentsModel.format = 'base64';
    server.files.delete('notes.txt');
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'clean' });
  });
});

describe('a document with unsaved changes', () => {
  it('is saved when the disk holds what the tab holds', async () => {
    const document = open();
    document.type('two');
    expect(await saver.save(document.context)).toEqual({
      path: 'notes.txt',
      outcome: 'saved',
      detail: null
    });
    expect(content()).toBe('two');
  });

  it('is saved although the server normalises line endings', async () => {
    const document = open();
    document.type('a\nb');
    document.onDisk = text => text.replace(/\n/g, '\r\n');
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'saved' });
  });

  it('is saved with what was typed while the save was in flight', async () => {
    const document = open();
    document.type('two');
    document.duringSave = () => {
      document.duringSave = null;
      document.type('three');
    };
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('three');
    expect(document.saves).toBe(2);
  });

  it('is saved again when deleted on disk: its text is only here', async () => {
    const document = open();
    document.type('two');
    server.files.delete('notes.txt');
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'saved' });
  });

  it('conflicts, and is not written, when something else wrote the file', async () => {
    const document = open();
    document.type('mine');
    server.write('notes.txt', 'theirs');
    expect(await saver.save(document.context)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^conflict/) as string
    });
    expect(content()).toBe('theirs');
    expect(document.saves).toBe(0);
  });

  it('conflicts by its time on servers that tell no hash', async () => {
    const document = open();
    document.type('mine');
    delete document.contentsModel.hash;
    server.write('notes.txt', 'theirs', { last_modified: '2026-11-24T00:00:00Z' });
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'failed' });
    expect(content()).toBe('theirs');
  });

  it('is read-only when the file may not be written', async () => {
    server.write('notes.txt', 'one', { writable: false });
    const document = open();
    document.type('two');
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'read-only' });
    expect(document.saves).toBe(0);
  });

  it('fails with what the server said', async () => {
    const document = open();
    document.type('two');
    document.save = () => Promise.reject(new Error('No space left on device'));
    expect(await saver.save(document.context)).toMatchObject({
      outcome: 'failed',
      detail: 'No space left on device'
    });
  });

  it('times out when a save never ends', async () => {
    const document = open();
    document.type('two');
    document.save = () => new Promise<void>(() => undefined);
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'timeout' });
  });

  it('is unverified when typing never stops', async () => {
    const document = open();
    document.type('0');
    document.duringSave = () => {
      document.type(`${document.saves}`);
    };
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'unverified' });
    expect(document.saves).toBe(3);
  });
});

describe('flags that lie', () => {
  it('a document that says it is not dirty, but lost an edit, is saved', async () => {
    const document = open();
    document.type('two');
    document.model.dirty = false; // jupyterlab#17365
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'saved' });
    expect(content()).toBe('two');
  });

  it('a save that resolves without writing is unverified', async () => {
    const document = open();
    document.type('two');
    document.onDisk = () => 'one'; // as jupyter-collaboration on a full disk
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'unverified' });
  });

  it('a collaborative document is never called stale', async () => {
    const document = open('one');
    document.model.collaborative = true;
    document.type('two');
    document.model.dirty = false;
    server.write('notes.txt', 'one'); // another hash, but only because the server saves by itself
    expect(await saver.save(document.context)).toMatchObject({ outcome: 'saved' });
  });
});
