/**
 * Decide what to do about a document in a save round: a pure function from the state of the document to an action.
 */
import type { IDocumentReport } from '../server/protocol';
import type { IFile } from './contents';

/** Result of saving one document. */
export type SaveResult = Omit<IDocumentReport, 'path'>;

/** Return a result without a rescue copy. */
export function report(outcome: SaveResult['outcome'], detail: string | null = null): SaveResult {
  return { outcome, detail, copy: null };
}

/** State of a document in the tab and on disk. */
export interface IDocumentState {
  /** Whether the content of the tab may differ from the file: it changed, or was never compared. */
  mayDiffer: boolean;
  /** JupyterLab's flag for unsaved changes, which can be wrong (jupyterlab#17365). */
  dirty: boolean;
  /** Whether JupyterLab has sent exactly this content, and the save succeeded. */
  savedByJupyterLab: boolean;
  /** Whether this tab wrote the content in an earlier save round. */
  savedByRound: boolean;
  /** Whether the document has no content that could be lost. */
  isEmpty: boolean;
  /** Hash of the file that last equaled the content; `null` on servers without hashes. */
  savedHash: string | null;
  /** The file on disk; `null` if it does not exist. */
  file: Pick<IFile, 'hash' | 'writable'> | null;
  /** Whether the file is newer than the version that this tab last read or wrote. */
  isFileNewer: boolean;
  /** Whether the file has the content of the tab; `null` before it is read. */
  isOnDisk: boolean | null;
}

/** What to do next. A detail begins with a code, which the server passes on. */
export type Decision =
  /** Read the file, compare, and decide again. */
  | { action: 'compare' }
  /** Remember that the file has the content. */
  | { action: 'mark-saved' }
  /** Save the document to its file, and verify it. */
  | { action: 'write' }
  /** Write the content to a copy beside the file. */
  | { action: 'rescue'; detail: string }
  /** Do nothing, and report why. */
  | { action: 'report'; outcome: 'clean' | 'read-only'; detail: string | null };

export const CONFLICT = 'conflict: something else changed the file on disk';
export const DELETED = 'deleted: the file is no longer on disk';

/** Decide about a document before it is written. */
export function decide(state: IDocumentState): Decision {
  return state.mayDiffer ? decideChanged(state) : decideUnchanged(state);
}

/** Decide about a document with content that may not be on disk. */
function decideChanged(state: IDocumentState): Decision {
  const { dirty, file, isFileNewer, isOnDisk } = state;
  if (!file) {
    return dirty ? { action: 'write' } : { action: 'rescue', detail: DELETED };
  }
  if (isOnDisk === true) {
    return { action: 'mark-saved' };
  }
  if (dirty && file.writable && !isFileNewer) {
    return { action: 'write' };
  }
  if (isOnDisk === null) {
    return { action: 'compare' };
  }
  // From here on the tab has content that is not on disk, even if it is not marked as dirty.
  if (isFileNewer || (!dirty && state.savedByJupyterLab)) {
    return { action: 'rescue', detail: CONFLICT };
  }
  return file.writable
    ? { action: 'write' }
    : { action: 'report', outcome: 'read-only', detail: 'the file cannot be written' };
}

/** Decide about an unchanged document: there is nothing to save, but it may be the last copy. */
function decideUnchanged(state: IDocumentState): Decision {
  const { file, savedHash } = state;
  if (state.isEmpty) {
    return { action: 'report', outcome: 'clean', detail: null };
  }
  if (!file) {
    return { action: 'rescue', detail: DELETED };
  }
  const isSame = savedHash !== null && file.hash ? file.hash === savedHash : state.isOnDisk;
  if (isSame === null) {
    return { action: 'compare' };
  }
  if (!isSame && state.savedByRound) {
    // Two tabs that save at the same time both verify their own content; the first one is overwritten.
    return { action: 'rescue', detail: 'overwritten: another tab saved over it' };
  }
  const detail = isSame ? null : 'stale: something else wrote a newer version';
  return { action: 'report', outcome: 'clean', detail };
}

/** State after a document was written and its file was read back. */
export interface IWrittenState {
  isOnDisk: boolean;
  /** Whether the content changed after it was sent. */
  hasNewChanges: boolean;
  /** Whether the file is newer than before the save. */
  isFileNewer: boolean;
}

/** Decide after a save: is it verified, to be retried, in conflict with another writer, or not verified? */
export function decideWritten(state: IWrittenState): 'saved' | 'retry' | 'conflict' | 'unverified' {
  if (state.isOnDisk) {
    return 'saved';
  }
  if (state.hasNewChanges) {
    return 'retry';
  }
  // A retry would write the same content over another version.
  return state.isFileNewer ? 'conflict' : 'unverified';
}
