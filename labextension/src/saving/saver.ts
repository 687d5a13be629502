/**
 * Save one document and prove it: it counts as saved only when the file, read back, equals the content of the tab.
 *
 * Nothing less will do: `dirty` is cleared after a save even if somebody typed while the request was in flight
 * (jupyterlab#17365), and with jupyter-collaboration a save that failed on the server resolves, not dirty, with a
 * matching hash.
 *
 * Each document goes through three steps: observe the tab and the disk, decide (`decision.ts`), apply.
 */
import { SAVE_TIMEOUT_MS } from '../constants';
import type { IDocumentReport } from '../server/protocol';
import { withTimeout } from '../timeout';
import { trackerOf } from './changeTracker';
import { saveCollaborative } from './collaborative';
import { diskContent, formatOf, isOnDisk, tabContent } from './tabContent';
import type { SavableContext } from './tabContent';
import { isNewer, timeoutFor } from './contents';
import type { ContentFormat, ContentsClient, IFile, IFileContent } from './contents';
import { CONFLICT, decide, decideWritten, report } from './decision';
import type { Decision, IDocumentState, SaveResult } from './decision';
import { RescueCopies } from './rescueCopy';

/** Text typed while one save is in flight needs the next one. Whatever changes more often than this is not typing. */
const MAX_SAVE_ATTEMPTS = 3;

export class Saver {
  /**
   * @param contents - the files as they are on disk
   * @param timeoutMs - how long one save of a small document may take, in milliseconds
   * @param rescueCopies - writes content beside files that must not be overwritten
   */
  constructor(
    private readonly contents: ContentsClient,
    private readonly timeoutMs = SAVE_TIMEOUT_MS,
    private readonly rescueCopies = new RescueCopies(contents)
  ) {}

  /** Save one document and prove it. Never throws, never asks, never overwrites what something else wrote. */
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

  /** Clear the dirty flag of documents whose content is proven in a rescue copy, so that the page can be left. */
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

  /** Carry out a decision. What follows from a comparison is done before anything else can change the document. */
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

  /** Save over the file and read it back, again as long as somebody types meanwhile. */
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
          // JupyterLab asks what to do when the file was changed since it was read.
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

/** Collect what is known about a document now. */
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
    // An empty file, or one that is played and not loaded, as a film.
    isEmpty: format !== 'notebook' && tabContent(context, format) === '',
    savedHash: tracker.hash
  };
}

/** Whether nothing can have been typed into it yet. A file that JupyterLab cannot open (Latin-1) stays like this. */
function isNeverLoaded(context: SavableContext): boolean {
  return !context.isReady && !context.model.dirty && trackerOf(context).version === 0;
}

function reasonOf(error: unknown): string {
  // JupyterLab's save rejects with no Error at all when its own question is answered with Cancel.
  return error instanceof Error && error.message ? error.message : 'the save was given up';
}
