/**
 * The verified save of one document: it counts as saved only when what is on disk, read back, equals what the tab holds.
 *
 * Why nothing less will do: `dirty` is cleared after a save even if the person typed while the request was in flight
 * (jupyterlab#17365), and with jupyter-collaboration a save that failed on the server resolves, not dirty, with a
 * matching hash.
 */
import type { IDocumentReport } from '../server/protocol';
import { withTimeout } from '../timeout';
import { trackerOf } from './changeTracker';
import { saveCollaborative } from './collaborative';
import { diskContent, formatOf, isOnDisk, tabContent } from './content';
import type { SavableContext } from './content';
import { isNewer, timeoutFor } from './contents';
import type { ContentFormat, ContentsClient, IFile } from './contents';
import { RescueCopies, report } from './rescueCopy';
import type { SaveResult } from './rescueCopy';

/** Text typed while one save is in flight needs the next one; more often than this it is not typing. */
const MAX_SAVE_ATTEMPTS = 3;

const CONFLICT = 'conflict: something else changed the file on disk';

export class Saver {
  /** @param timeout - milliseconds that one save of a small document may take */
  constructor(
    private readonly disk: ContentsClient,
    private readonly timeout = 15_000,
    private readonly rescue = new RescueCopies(disk)
  ) {}

  /** Save one document and prove it; never throws, never asks, never overwrites what someone else wrote. */
  async save(context: SavableContext): Promise<IDocumentReport> {
    let result: SaveResult;
    try {
      result = await this.proven(context);
    } catch (error) {
      const isTimeout = nameOf(error) === 'TimeoutError';
      result = report(isTimeout ? 'timeout' : 'failed', reason(error));
    }
    return { path: context.localPath, ...result };
  }

  /** Let go of what is proven in a rescue copy: it is no reason any more to ask before the page is left. */
  discardRescued(contexts: SavableContext[]): void {
    for (const context of contexts.filter(context => this.rescue.isRescued(context))) {
      context.model.dirty = false;
    }
  }

  private async proven(context: SavableContext): Promise<SaveResult> {
    const { model, localPath } = context;
    const trail = trackerOf(context);
    if (!context.isReady) {
      if (!model.dirty && trail.version === 0) {
        // Nothing can be typed into it yet; a file that JupyterLab cannot open (Latin-1) stays so for ever.
        return report('clean', 'not-loaded: nothing of it is here yet');
      }
      await withTimeout(this.timeout, context.ready, 'it is still loading');
    }
    const reading = formatOf(context);
    if (model.collaborative) {
      return saveCollaborative(context, reading, this.disk, this.rescue);
    }
    const file = await this.disk.stat(localPath);
    if (!trail.mayDiffer) {
      return this.untouched(context, reading, file);
    }
    if (!file) {
      return model.dirty
        ? this.write(context, reading, file)
        : this.rescue.rescueCopy(context, reading, 'deleted: the file is no longer on disk');
    }
    const isChanged = isNewer(file, context.contentsModel);
    if (model.dirty && file.writable && !isChanged) {
      return this.write(context, reading, file);
    }
    const found = await this.disk.readIfValid(localPath, reading, file.size);
    if (found && isOnDisk(context, reading, diskContent(found, reading))) {
      trail.markSaved(found.hash ?? null);
      if (model.dirty) {
        model.dirty = false; // in the turn of the comparison: this once the flag tells the truth
      }
      return report('clean');
    }
    // From here on the tab holds work that is not on disk, whatever the dirty flag says.
    if (isChanged || (!model.dirty && trail.savedByJupyterLab)) {
      return this.rescue.rescueCopy(context, reading, CONFLICT, found?.content);
    }
    return file.writable
      ? this.write(context, reading, file)
      : report('read-only', 'the file cannot be written');
  }

  /** A tab that shows what it was filled with has nothing to save, but it may hold the last copy of it. */
  private async untouched(
    context: SavableContext,
    reading: ContentFormat,
    file: IFile | null
  ): Promise<SaveResult> {
    const trail = trackerOf(context);
    if (reading !== 'notebook' && tabContent(context, reading) === '') {
      return report('clean'); // an empty file, or one that is played and not loaded, as a film
    }
    if (!file) {
      return this.rescue.rescueCopy(context, reading, 'deleted: the file is no longer on disk');
    }
    let isSame = trail.hash !== null && file.hash === trail.hash;
    if (trail.hash === null || !file.hash) {
      const found = await this.disk.readIfValid(context.localPath, reading, file.size);
      isSame = found !== null && isOnDisk(context, reading, diskContent(found, reading));
    }
    if (!isSame && trail.savedByRound) {
      // Two tabs that save at the same moment both read their own text back; the first one's is nowhere else now.
      return this.rescue.rescueCopy(context, reading, 'overwritten: another tab saved over it');
    }
    return report('clean', isSame ? null : 'stale: something else wrote a newer version');
  }

  private async write(
    context: SavableContext,
    reading: ContentFormat,
    before: IFile | null
  ): Promise<SaveResult> {
    const { localPath } = context;
    const trail = trackerOf(context);
    for (let attempt = 0; attempt < MAX_SAVE_ATTEMPTS; attempt++) {
      const { version } = trail;
      const sent = attempt > 0 ? tabContent(context, reading) : undefined;
      try {
        const bound = timeoutFor(this.timeout, before?.size);
        await withTimeout(bound, context.save(), 'the save did not end');
      } catch (error) {
        if (nameOf(error).startsWith('Modal')) {
          // JupyterLab asks what to do when the file was changed under its eyes.
          return this.rescue.rescueCopy(context, reading, CONFLICT);
        }
        throw await this.disk.explainError(error, localPath);
      }
      const found = await this.disk.read(localPath, reading, before?.size);
      const content = found && diskContent(found, reading);
      if (found && isOnDisk(context, reading, content, sent)) {
        trail.markSaved(found.hash ?? null, true);
        return { ...report('saved'), proof: found.hash ?? found.last_modified };
      }
      if (trail.version === version) {
        // Nothing was typed meanwhile, so another save would write the same: over whatever is there now.
        if (found && before && isNewer(found, before)) {
          return this.rescue.rescueCopy(context, reading, CONFLICT, found.content);
        }
        break;
      }
    }
    return report('unverified', 'what is on disk is not what this tab holds');
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function reason(error: unknown): string {
  // JupyterLab's save rejects with no Error at all when its own question is answered with Cancel.
  return error instanceof Error && error.message ? error.message : 'the save was given up';
}
