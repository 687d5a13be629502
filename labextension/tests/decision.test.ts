import { describe, expect, it } from 'vitest';

import { decide, decideWritten } from '../src/saving/decision';
import type { IDocumentState } from '../src/saving/decision';

const FILE = { hash: 'h', writable: true };

function unchanged(over: Partial<IDocumentState> = {}): IDocumentState {
  return {
    mayDiffer: false,
    dirty: false,
    savedByJupyterLab: false,
    savedByRound: false,
    isEmpty: false,
    savedHash: 'h',
    file: FILE,
    isFileNewer: false,
    isOnDisk: null,
    ...over
  };
}

function changed(over: Partial<IDocumentState> = {}): IDocumentState {
  return unchanged({ mayDiffer: true, ...over });
}

function actionFor(state: IDocumentState): string {
  const decision = decide(state);
  return 'detail' in decision && decision.detail
    ? `${decision.action} ${decision.detail.replace(/:.*/, '')}`
    : decision.action;
}

describe('a document that shows what it was loaded with', () => {
  it.each<[string, Partial<IDocumentState>, string]>([
    ['is clean when the hash is the same', {}, 'report'],
    ['is clean when it is empty, whatever is on disk', { isEmpty: true, file: null }, 'report'],
    ['is rescued when its file is gone', { file: null }, 'rescue deleted'],
    ['is stale when the file is another one', { file: { ...FILE, hash: 'x' } }, 'report stale'],
    ['is read where the server sends no hash', { file: { writable: true } }, 'compare'],
    ['is read when its own hash is not known', { savedHash: null }, 'compare'],
    ['is clean when read and the same', { savedHash: null, isOnDisk: true }, 'report'],
    ['is stale when read and another', { savedHash: null, isOnDisk: false }, 'report stale'],
    [
      'is rescued when another tab saved over it',
      { savedByRound: true, file: { ...FILE, hash: 'x' } },
      'rescue overwritten'
    ]
  ])('%s', (_, over, action) => {
    expect(actionFor(unchanged(over))).toBe(action);
  });
});

describe('a document that may differ from its file', () => {
  const readOnly = { ...FILE, writable: false };

  it.each<[string, Partial<IDocumentState>, string]>([
    ['is written when it is dirty', { dirty: true }, 'write'],
    ['is written again when its file is gone', { dirty: true, file: null }, 'write'],
    ['is rescued when its file is gone after a save', { file: null }, 'rescue deleted'],
    ['is compared when nothing says that it is dirty', {}, 'compare'],
    ['is compared when its file is newer', { dirty: true, isFileNewer: true }, 'compare'],
    ['is compared when its file is read-only', { dirty: true, file: readOnly }, 'compare'],
    ['is saved when the file holds it', { dirty: true, isOnDisk: true }, 'mark-saved'],
    ['is written when the file does not hold it', { isOnDisk: false }, 'write'],
    [
      'is rescued when a newer file does not hold it',
      { dirty: true, isFileNewer: true, isOnDisk: false },
      'rescue conflict'
    ],
    [
      'is rescued when JupyterLab saved it and the file does not hold it',
      { savedByJupyterLab: true, isOnDisk: false },
      'rescue conflict'
    ],
    [
      'is reported when the file may not be written',
      { dirty: true, file: readOnly, isOnDisk: false },
      'report the file cannot be written'
    ]
  ])('%s', (_, over, action) => {
    expect(actionFor(changed(over))).toBe(action);
  });

  it('is never written over a newer file, and never called clean, unless the file holds it', () => {
    const flags = [true, false];
    for (const dirty of flags) {
      for (const savedByJupyterLab of flags) {
        for (const file of [FILE, readOnly]) {
          for (const isOnDisk of [false, null]) {
            const state = { dirty, savedByJupyterLab, file, isOnDisk, isFileNewer: true };
            expect(['compare', 'rescue']).toContain(decide(changed(state)).action);
          }
        }
      }
    }
  });
});

describe('after a save', () => {
  const written = { isOnDisk: false, hasNewChanges: false, isFileNewer: false };

  it.each([
    ['saved', { isOnDisk: true }],
    ['saved', { isOnDisk: true, hasNewChanges: true }],
    ['retry', { hasNewChanges: true, isFileNewer: true }],
    ['conflict', { isFileNewer: true }],
    ['unverified', {}]
  ])('it is %s (%o)', (verdict, over) => {
    expect(decideWritten({ ...written, ...over })).toBe(verdict);
  });
});
