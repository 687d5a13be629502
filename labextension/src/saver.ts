/**
 * The verified save of one document: it counts as saved only when what is on disk, read back, equals what the tab holds.
 *
 * Why nothing less will do: `dirty` is cleared after a save even if the person typed while the request was in flight
 * (jupyterlab#17365), and with jupyter-collaboration a save that failed on the server resolves, not dirty, with a
 * matching hash.
 */
import { PathExt } from '@jupyterlab/coreutils';

import { patience } from './disk';
import type { Disk, IFile, IOnDisk, Reading } from './disk';
import { comparable, held, isProof, readingOf } from './held';
import type { SavableContext } from './held';
import type { IDocumentReport } from './protocol';
import { Rescue } from './rescue';
import { settle } from './shared';
import { trailOf } from './trail';
import { within } from './within';

type Result = Omit<IDocumentReport, 'path'>;

/** JupyterLab's own margin between two clocks, in milliseconds (`Context.lastModifiedCheckMargin`). */
const CLOCK_MARGIN = 500;

/** Text typed while one save is in flight needs the next one; more often than this it is not typing. */
const ATTEMPTS = 3;

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
        return told('clean', 'not-loaded: nothing of it is in this tab yet');
      }
      await within(this.timeout, context.ready, 'it is still loading');
    }
    const reading = readingOf(context);
    if (model.collaborative) {
      return this.shared(context, reading);
    }
    const file = await this.disk.look(localPath);
    if (!trail.isTouched) {
      return this.untouched(context, reading, file);
    }
    if (!file) {
      return model.dirty
        ? this.write(context, reading, file)
        : this.rescued(context, reading, 'deleted: the file is no longer on disk');
    }
    const isChanged = isNewer(file, context.contentsModel);
    if (model.dirty && file.writable && !isChanged) {
      return this.write(context, reading, file);
    }
    const found = await this.readable(context, reading, file);
    if (found && isProof(context, reading, comparable(found, reading))) {
      trail.prove(found.hash ?? null);
      if (model.dirty) {
        model.dirty = false; // in the turn of the comparison: this once the flag tells the truth
      }
      return told('clean');
    }
    // From here on the tab holds work that is not on disk, whatever the dirty flag says.
    if (isChanged || (!model.dirty && trail.isSent)) {
      const detail = 'conflict: the file was changed on disk by something else';
      return this.rescued(context, reading, detail, found?.content);
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
      return this.rescued(context, reading, 'deleted: the file is no longer on disk');
    }
    let isSame = trail.hash !== null && file.hash === trail.hash;
    if (trail.hash === null || !file.hash) {
      const found = await this.readable(context, reading, file);
      isSame = found !== null && isProof(context, reading, comparable(found, reading));
    }
    if (!isSame && trail.isOwn) {
      // Two tabs that save at the same moment both read their own text back; the first one's is nowhere else now.
      return this.rescued(context, reading, 'overwritten: another tab saved over it');
    }
    return told('clean', isSame ? null : 'stale: something else wrote a newer version to disk');
  }

  private async shared(context: SavableContext, reading: Reading): Promise<Result> {
    const { model, localPath } = context;
    const { dirty } = model;
    const onDisk = async () => {
      const found = await this.disk.read(localPath, reading);
      return found && comparable(found, reading);
    };
    switch (await settle(() => held(context, reading), onDisk)) {
      case 'same':
        model.dirty = false; // or the page would ask before it loads again
        return told(dirty ? 'saved' : 'clean');
      case 'replaced':
        return told(
          'failed',
          'replaced: the file was changed on disk, and that went over what was typed'
        );
      case 'deleted':
        return this.rescued(context, reading, 'deleted: the file is no longer on disk');
      case 'different':
        return told('unverified', 'what is on disk is not what this tab holds');
    }
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
          const detail = 'conflict: the file was changed on disk while it was saved';
          return this.rescued(context, reading, detail);
        }
        throw await this.explained(error, localPath);
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
          const detail = 'conflict: the file was changed on disk while it was saved';
          return this.rescued(context, reading, detail, found.content);
        }
        break;
      }
    }
    return told('unverified', 'what is on disk is not what this tab holds');
  }

  /** Our version goes beside the file, which stays as it is. */
  private async rescued(
    context: SavableContext,
    reading: Reading,
    detail: string,
    theirs?: unknown
  ): Promise<Result> {
    try {
      const copy = await this.rescue.copy(context, reading, theirs);
      return copy
        ? { outcome: 'rescued', detail, copy }
        : told('unverified', 'the copy beside the file is not what this tab holds');
    } catch (error) {
      throw await this.explained(error, context.localPath);
    }
  }

  /** The file with its content; `null` when it holds nothing that can be compared, as a notebook with conflict marks. */
  private async readable(
    { localPath }: SavableContext,
    reading: Reading,
    { size }: IFile
  ): Promise<IOnDisk | null> {
    try {
      return await this.disk.read(localPath, reading, size);
    } catch (error) {
      if ((error as { response?: Response }).response?.status === 400) {
        return null;
      }
      throw error;
    }
  }

  /** The server says of a folder that vanished only that something unexpected happened. */
  private async explained(error: unknown, path: string): Promise<unknown> {
    const folder = PathExt.dirname(path);
    const isGone = folder && (await this.disk.look(folder).catch(() => true)) === null;
    return isGone ? new Error(`folder: ${folder} is no longer there`) : error;
  }
}

function told(outcome: Result['outcome'], detail: string | null = null): Result {
  return { outcome, detail, copy: null };
}

/** Whether the file is not the one that this tab last read or wrote. */
function isNewer(
  found: IFile,
  known: (Pick<IFile, 'hash'> & { last_modified?: string }) | null
): boolean {
  if (found.hash && known?.hash) {
    return found.hash !== known.hash;
  }
  return Date.parse(found.last_modified) - Date.parse(known?.last_modified ?? '') > CLOCK_MARGIN;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function reason(error: unknown): string {
  // JupyterLab's save rejects with no Error at all when its own question is answered with Cancel.
  return error instanceof Error && error.message ? error.message : 'the save was given up';
}
