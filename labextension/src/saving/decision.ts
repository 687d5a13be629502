/**
 * Decide what to do about one document in a save round. Pure: what is known about the document goes in, one action
 * comes out.
 */
import type { IDocumentReport } from '../server/protocol';
import type { IFile } from './contents';

/** What came of saving one document. */
export type SaveResult = Omit<IDocumentReport, 'path'>;

/** Make the result of a document without a rescue copy. */
export function report(outcome: SaveResult['outcome'], detail: string | null = null): SaveResult {
  return { outcome, detail, copy: null };
}

/** What is known about a document, in the tab and on disk, at one moment. */
export interface IDocumentState {
  /** The tab's content may differ from the file: it changed, or nobody has compared the two yet. */
  mayDiffer: boolean;
  /** JupyterLab's own flag for unsaved changes. It can be wrong (jupyterlab#17365). */
  dirty: boolean;
  /** JupyterLab has sent exactly this content, and the server has confirmed that it is saved. */
  savedByJupyterLab: boolean;
  /** This tab wrote the content in an earlier save round. */
  savedByRound: boolean;
  /** There is nothing in it that could be lost. */
  isEmpty: boolean;
  /** The hash of the file that the content was last known to equal; `null` where servers send none. */
  savedHash: string | null;
  /** The file on disk; `null` when there is none. */
  file: Pick<IFile, 'hash' | 'writable'> | null;
  /** The file is not the version that this tab last read or wrote. */
  isFileNewer: boolean;
  /** Whether the file, read back, holds the tab's content; `null` before it is read. */
  isOnDisk: boolean | null;
}

/** What to do next. Details are codes that the server passes on to whoever shows them. */
export type Decision =
  /** Read the file, compare, and decide again. */
  | { action: 'compare' }
  /** The file holds the content: remember that. */
  | { action: 'mark-saved' }
  /** Save the document over its file and read it back. */
  | { action: 'write' }
  /** Write the content to a copy beside the file. */
  | { action: 'rescue'; detail: string }
  /** Do nothing, and report why. */
  | { action: 'report'; outcome: 'clean' | 'read-only'; detail: string | null };

export const CONFLICT = 'conflict: something else changed the file on disk';
export const DELETED = 'deleted: the file is no longer on disk';

/** Decide about a document before anything of it is written. */
export function decide(state: IDocumentState): Decision {
  return state.mayDiffer ? decideChanged(state) : decideUnchanged(state);
}

/** Decide about a document that may hold work which is not on disk. */
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
  // From here on the tab holds work that is not on disk, whatever the dirty flag says.
  if (isFileNewer || (!dirty && state.savedByJupyterLab)) {
    return { action: 'rescue', detail: CONFLICT };
  }
  return file.writable
    ? { action: 'write' }
    : { action: 'report', outcome: 'read-only', detail: 'the file cannot be written' };
}

/** Decide about a document that shows what it was loaded with: nothing to save, but it may be the last copy. */
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
    // Two tabs that save at the same moment both read their own text back; the first one's is nowhere else now.
    return { action: 'rescue', detail: 'overwritten: another tab saved over it' };
  }
  const detail = isSame ? null : 'stale: something else wrote a newer version';
  return { action: 'report', outcome: 'clean', detail };
}

/** What is known after a document was written and its file read back. */
export interface IWrittenState {
  isOnDisk: boolean;
  /** The content changed since it was sent. */
  hasNewChanges: boolean;
  /** The file is newer than the one that was there before the save. */
  isFileNewer: boolean;
}

/** Decide after a save: is it proven, worth another attempt, somebody else's file, or not proven at all? */
export function decideWritten(state: IWrittenState): 'saved' | 'retry' | 'conflict' | 'unverified' {
  if (state.isOnDisk) {
    return 'saved';
  }
  if (state.hasNewChanges) {
    return 'retry';
  }
  // Another save would write the same content, over whatever is there now.
  return state.isFileNewer ? 'conflict' : 'unverified';
}
