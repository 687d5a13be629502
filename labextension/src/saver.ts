/**
 * The verified save of one document: it counts as saved only when what is on disk, read back, equals what the tab holds.
 *
 * Why nothing less will do: `dirty` is cleared after a save even if the person typed while the request was in flight
 * (jupyterlab#17365), and with jupyter-collaboration a save that failed on the server resolves, not dirty, with a
 * matching hash.
 */
import { isNewer, patience } from './disk';
import type { Disk, IFile, Reading } from './disk';
import { comparable, held, isProof, readingOf } from './held';
import type { SavableContext } from './held';
import type { IDocumentReport } from './protocol';
import { Rescue } from './rescue';
import { told } from './result';
import type { Result } from './result';
import { saveShared } from './shared';
import { trailOf } from './trail';
import { within } from './within';

/** Text typed while one save is in flight needs the next one; more often than this it is not typing. */
const ATTEMPTS = 3;

const CONFLICT = 'conflict: something else changed the file on disk';

export class Saver {
  /** @param timeout - milliseconds that one save of a small document may take */
  constructor(
    private readonly disk: Disk,
    private readonly timeout = 15_000,
    private readonly rescue = new Rescue(disk)
  ) {}

  /** Save one document and prove it; never throws, never asks, never overwrites what someone else wrote. */
  async save(context: SavableContext): Promise<IDocumentReport> {
    let result: Result;
    try {
      result = await this.proven(context);
    } catch (error) {
      const isTimeout = nameOf(error) === 'TimeoutError';
      result = told(isTimeout ? 'timeout' : 'failed', reason(error));
    }
    return { path: context.localPath, ...result };
  }

  /** Let go of what is proven in a rescue copy: it is no reason any more to ask before the page is left. */
  letGo(contexts: SavableContext[]): void {
    for (const context of contexts.filter(context => this.rescue.isKept(context))) {
      context.model.dirty = false;
    }
  }

  private async proven(context: SavableContext): Promise<Result> {
    const { model, localPath } = context;
    const trail = trailOf(context);
    if (!context.isReady) {
      if (!model.dirty && trail.version === 0) {
        // Nothing can be typed into it yet; a file that JupyterLab cannot open (Latin-1) stays so for ever.
        return told('clean', 'not-loaded: nothing of it is here yet');
      }
      await within(this.timeout, context.ready, 'it is still loading');
    }
    const reading = readingOf(context);
    if (model.collaborative) {
      return saveShared(context, reading, this.disk, this.rescue);
    }
    const file = await this.disk.look(localPath);
    if (!trail.isTouched) {
      return this.untouched(context, reading, file);
    }
    if (!file) {
      return model.dirty
        ? this.write(context, reading, file)
        : this.rescue.beside(context, reading, 'deleted: the file is no longer on disk');
    }
    const isChanged = isNewer(file, context.contentsModel);
    if (model.dirty && file.writable && !isChanged) {
      return this.write(context, reading, file);
    }
    const found = await this.disk.readable(localPath, reading, file.size);
    if (found && isProof(context, reading, comparable(found, reading))) {
      trail.prove(found.hash ?? null);
      if (model.dirty) {
        model.dirty = false; // in the turn of the comparison: this once the flag tells the truth
      }
      return told('clean');
    }
    // From here on the tab holds work that is not on disk, whatever the dirty flag says.
    if (isChanged || (!model.dirty && trail.isSent)) {
      return this.rescue.beside(context, reading, CONFLICT, found?.content);
    }
    return file.writable
      ? this.write(context, reading, file)
      : told('read-only', 'the file cannot be written');
  }

  /** A tab that shows what it was filled with has nothing to save, but it may hold the last copy of it. */
  private async untouched(
    context: SavableContext,
    reading: Reading,
    file: IFile | null
  ): Promise<Result> {
    const trail = trailOf(context);
    if (reading !== 'notebook' && held(context, reading) === '') {
      return told('clean'); // an empty file, or one that is played and not loaded, as a film
    }
    if (!file) {
      return this.rescue.beside(context, reading, 'deleted: the file is no longer on disk');
    }
    let isSame = trail.hash !== null && file.hash === trail.hash;
    if (trail.hash === null || !file.hash) {
      const found = await this.disk.readable(context.localPath, reading, file.size);
      isSame = found !== null && isProof(context, reading, comparable(found, reading));
    }
    if (!isSame && trail.isOwn) {
      // Two tabs that save at the same moment both read their own text back; the first one's is nowhere else now.
      return this.rescue.beside(context, reading, 'overwritten: another tab saved over it');
    }
    return told('clean', isSame ? null : 'stale: something else wrote a newer version');
  }

  private async write(
    context: SavableContext,
    reading: Reading,
    before: IFile | null
  ): Promise<Result> {
    const { localPath } = context;
    const trail = trailOf(context);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { version } = trail;
      const sent = attempt > 0 ? held(context, reading) : undefined;
      try {
        const bound = patience(this.timeout, before?.size);
        await within(bound, context.save(), 'the save did not end');
      } catch (error) {
        if (nameOf(error).startsWith('Modal')) {
          // JupyterLab asks what to do when the file was changed under its eyes.
          return this.rescue.beside(context, reading, CONFLICT);
        }
        throw await this.disk.explained(error, localPath);
      }
      const found = await this.disk.read(localPath, reading, before?.size);
      const content = found && comparable(found, reading);
      if (found && isProof(context, reading, content, sent)) {
        trail.prove(found.hash ?? null, true);
        return { ...told('saved'), proof: found.hash ?? found.last_modified };
      }
      if (trail.version === version) {
        // Nothing was typed meanwhile, so another save would write the same: over whatever is there now.
        if (found && before && isNewer(found, before)) {
          return this.rescue.beside(context, reading, CONFLICT, found.content);
        }
        break;
      }
    }
    return told('unverified', 'what is on disk is not what this tab holds');
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function reason(error: unknown): string {
  // JupyterLab's save rejects with no Error at all when its own question is answered with Cancel.
  return error instanceof Error && error.message ? error.message : 'the save was given up';
}
