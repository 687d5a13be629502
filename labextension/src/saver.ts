/**
 * The verified save of one document: it counts as saved only when what is on disk, read back, equals what the tab holds.
 *
 * Why nothing less will do: `dirty` is cleared after a save even if the person typed while the request was in flight
 * (jupyterlab#17365), and with jupyter-collaboration a save that failed on the server resolves, not dirty, with a
 * matching hash.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import { isSame } from './canonical';
import type { Disk, IOnDisk, Reading } from './disk';
import type { IDocumentReport } from './protocol';
import { within } from './within';

/** The part of a document's context that a save needs. */
export type SavableContext = Pick<
  DocumentRegistry.Context,
  'localPath' | 'model' | 'contentsModel' | 'ready' | 'save'
>;

type Result = Omit<IDocumentReport, 'path'>;

/** JupyterLab's own margin between two clocks, in milliseconds (`Context.lastModifiedCheckMargin`). */
const CLOCK_MARGIN = 500;

/** Text typed while one save is in flight needs the next one; more often than this it is not typing. */
const ATTEMPTS = 3;

export class Saver {
  /** @param timeout - milliseconds that one save may take */
  constructor(
    private readonly disk: Pick<Disk, 'read'>,
    private readonly timeout = 15_000
  ) {}

  /** Save one document and prove it; never throws, never asks, never overwrites what someone else wrote. */
  async save(context: SavableContext): Promise<IDocumentReport> {
    let result: Result;
    try {
      await within(this.timeout, context.ready, 'it is still loading');
      result = await this.proven(context);
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      result = told(timedOut ? 'timeout' : 'failed', reason(error));
    }
    return { path: context.localPath, ...result };
  }

  private async proven(context: SavableContext): Promise<Result> {
    const { model, contentsModel: known } = context;
    const reading = readingOf(context);
    if (!model.dirty && reading === 'base64') {
      return told('clean'); // a picture or a PDF that is only looked at
    }
    const found = await this.disk.read(context.localPath, reading);
    const same = found !== null && isSame(held(context, reading), comparable(found, reading));
    if (!model.dirty && same) {
      return told('clean');
    }
    if (!model.dirty && found === null) {
      // Saving would bring back what someone deleted; only a person can tell whether that is wanted.
      return told('failed', 'deleted: the file is no longer on disk');
    }
    const changed = found !== null && !model.collaborative && isNewer(found, known);
    if (!model.dirty && changed) {
      return told('clean', 'stale: something else wrote a newer version to disk');
    }
    // From here on the tab holds work that is not on disk, whatever the dirty flag says.
    if (!(found ?? known)?.writable) {
      return same ? told('clean') : told('read-only', 'the file cannot be written');
    }
    if (changed) {
      return told('failed', 'conflict: the file was changed on disk by something else');
    }
    return this.write(context, reading);
  }

  private async write(context: SavableContext, reading: Reading): Promise<Result> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await within(this.timeout, context.save(), 'the save did not end');
      const found = await this.disk.read(context.localPath, reading);
      if (found && isSame(held(context, reading), comparable(found, reading))) {
        return told('saved');
      }
      if (found && !context.model.collaborative && isNewer(found, context.contentsModel)) {
        return told('failed', 'conflict: the file was changed on disk while it was saved');
      }
    }
    return told('unverified', 'what is on disk is not what this tab holds');
  }
}

function told(outcome: Result['outcome'], detail: string | null = null): Result {
  return { outcome, detail };
}

/** How this document compares with its file. jupyter-collaboration leaves `contentsModel.format` unusable after a save. */
function readingOf({ model, contentsModel }: SavableContext): Reading {
  if ('cells' in model) {
    return 'notebook';
  }
  return contentsModel?.format === 'base64' ? 'base64' : 'text';
}

/** What the tab holds, now. */
function held({ model }: SavableContext, reading: Reading): unknown {
  return reading === 'notebook' ? model.toJSON() : unwrapped(model.toString(), reading);
}

function comparable({ content }: IOnDisk, reading: Reading): unknown {
  return typeof content === 'string' ? unwrapped(content, reading) : content;
}

/** The server wraps base64 into lines. */
function unwrapped(content: string, reading: Reading): string {
  return reading === 'base64' ? content.replace(/\s/g, '') : content;
}

/** Whether the file is not the one that this tab last read or wrote. */
function isNewer(found: IOnDisk, known: SavableContext['contentsModel']): boolean {
  if (found.hash && known?.hash) {
    return found.hash !== known.hash;
  }
  return Date.parse(found.last_modified) - Date.parse(known?.last_modified ?? '') > CLOCK_MARGIN;
}

function reason(error: unknown): string {
  // JupyterLab's save rejects with no Error at all when its own question is answered with Cancel.
  return error instanceof Error && error.message ? error.message : 'the save was given up';
}
