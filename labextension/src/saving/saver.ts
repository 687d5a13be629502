/**
 * Save a document and verify it: it counts as saved only if the file, read back, equals the content of the tab.
 *
 * Weaker checks fail: `dirty` is cleared after a save even if text was typed during the request (jupyterlab#17365), and with
 * jupyter-collaboration a failed save resolves, not dirty and with a matching hash.
 *
 * There are three steps: observe the tab and the disk, decide (`decision.ts`), apply.
 */
import { SAVE_TIMEOUT_MS } from '../constants';
import type { IDocumentReport } from '../server/protocol';
import { withTimeout } from '../timeout';
import { trackerOf } from './changeTracker';
import { saveCollaborative } from './collaborative';
import { diskContent, formatOf, isOnDisk, tabContent } from './tabContent';
import type { SavableContext } from './tabContent';
import { failureCode, isNewer, timeoutFor } from './contents';
import type { ContentFormat, ContentsClient, IFile, IFileContent } from './contents';
import { CONFLICT, decide, decideWritten, report } from './decision';
import type { Decision, IDocumentState, SaveResult } from './decision';
import { RescueCopies } from './rescueCopy';

/** Maximum number of saves, because text typed during one save needs another. More frequent changes are not typing. */
const MAX_SAVE_ATTEMPTS = 3;

export class Saver {
  /**
   * @param contents - reads and writes files on disk
   * @param timeoutMs - timeout of one save of a small document, in milliseconds
   * @param rescueCopies - writes copies beside files that must not be overwritten
   */
  constructor(
    private readonly contents: ContentsClient,
    private readonly timeoutMs = SAVE_TIMEOUT_MS,
    private readonly rescueCopies = new RescueCopies(contents)
  ) {}

  /** Save one document and verify it. Never throws, asks, or overwrites another program's changes. */
  async save(context: SavableContext): Promise<IDocumentReport> {
    let result: SaveResult;
    try {
      result = await this.saveOrThrow(context);
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === 'TimeoutError';
      result = report(isTimeout ? 'timeout' : 'failed', reasonOf(error));
    }
    return { path: context.localPath, ...result };
  }

  /** Clear the dirty flag of documents with a verified rescue copy, so that the page can be closed. */
  discardRescued(contexts: SavableContext[]): void {
    for (const context of contexts.filter(context => this.rescueCopies.isRescued(context))) {
      context.model.dirty = false;
    }
  }

  private async saveOrThrow(context: SavableContext): Promise<SaveResult> {
    if (isNeverLoaded(context)) {
      return report('clean', 'not-loaded: nothing of it is here yet');
    }
    if (!context.isReady) {
      await withTimeout(this.timeoutMs, context.ready, 'it is still loading');
    }
    const format = formatOf(context);
    if (context.model.collaborative) {
      return saveCollaborative(context, format, this.contents, this.rescueCopies);
    }
    const file = await this.contents.stat(context.localPath);
    const isFileNewer = file !== null && isNewer(file, context.contentsModel);
    let found: IFileContent | null = null;
    let decision = decide(observe(context, format, { file, isFileNewer, isOnDisk: null }));
    if (decision.action === 'compare') {
      found = await this.contents.readIfValid(context.localPath, format, file?.size);
      const isSame = found !== null && isOnDisk(context, format, diskContent(found, format));
      decision = decide(observe(context, format, { file, isFileNewer, isOnDisk: isSame }));
    }
    return this.apply(decision, context, format, file, found);
  }

  /** Carry out a decision. After a comparison nothing else can change the document before this. */
  private async apply(
    decision: Decision,
    context: SavableContext,
    format: ContentFormat,
    file: IFile | null,
    found: IFileContent | null
  ): Promise<SaveResult> {
    switch (decision.action) {
      case 'mark-saved':
        trackerOf(context).markSaved(found?.hash ?? null);
        if (context.model.dirty) {
          context.model.dirty = false;
        }
        return report('clean');
      case 'write':
        return this.write(context, format, file);
      case 'rescue':
        return this.rescueCopies.rescueCopy(context, format, decision.detail, found?.content);
      case 'report':
        return report(decision.outcome, decision.detail);
      case 'compare':
        throw new Error('the file could not be compared');
    }
  }

  /** Save to the file and verify it; repeat if text was typed meanwhile. */
  private async write(
    context: SavableContext,
    format: ContentFormat,
    before: IFile | null
  ): Promise<SaveResult> {
    const { localPath } = context;
    const tracker = trackerOf(context);
    for (let attempt = 0; attempt < MAX_SAVE_ATTEMPTS; attempt++) {
      const { version } = tracker;
      const sent = attempt > 0 ? tabContent(context, format) : undefined;
      try {
        const limit = timeoutFor(this.timeoutMs, before?.size);
        await withTimeout(limit, context.save(), 'the save did not end');
      } catch (error) {
        if (error instanceof Error && error.name.startsWith('Modal')) {
          // JupyterLab's question if the file has changed since it was read.
          return this.rescueCopies.rescueCopy(context, format, CONFLICT);
        }
        throw await this.contents.explainError(error, localPath);
      }
      const found = await this.contents.read(localPath, format, before?.size);
      const verdict = decideWritten({
        isOnDisk: found !== null && isOnDisk(context, format, diskContent(found, format), sent),
        hasNewChanges: tracker.version !== version,
        isFileNewer: found !== null && before !== null && isNewer(found, before)
      });
      if (verdict === 'saved') {
        tracker.markSaved(found?.hash ?? null, true);
        const proof = found?.hash ?? found?.last_modified;
        return { ...report('saved'), ...(proof === undefined ? {} : { proof }) };
      }
      if (verdict === 'conflict') {
        return this.rescueCopies.rescueCopy(context, format, CONFLICT, found?.content);
      }
      if (verdict === 'unverified') {
        break;
      }
    }
    return report('unverified', 'what is on disk is not what this tab holds');
  }
}

/** Return the current state of a document. */
function observe(
  context: SavableContext,
  format: ContentFormat,
  disk: Pick<IDocumentState, 'file' | 'isFileNewer' | 'isOnDisk'>
): IDocumentState {
  const tracker = trackerOf(context);
  return {
    ...disk,
    mayDiffer: tracker.mayDiffer,
    dirty: context.model.dirty,
    savedByJupyterLab: tracker.savedByJupyterLab,
    savedByRound: tracker.savedByRound,
    // An empty file, or one that is played and not loaded, such as a video.
    isEmpty: format !== 'notebook' && tabContent(context, format) === '',
    savedHash: tracker.hash
  };
}

/** Check whether the document was never loaded, so that it has no changes; so is a file that JupyterLab cannot open. */
function isNeverLoaded(context: SavableContext): boolean {
  return !context.isReady && !context.model.dirty && trackerOf(context).version === 0;
}

function reasonOf(error: unknown): string {
  // JupyterLab's save rejects without an Error if its question is canceled.
  if (!(error instanceof Error && error.message)) {
    return 'the save was given up';
  }
  const code = failureCode(error);
  return code ? `${code}: ${error.message}` : error.message;
}
