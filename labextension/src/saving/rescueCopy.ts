/**
 * Rescue copies: what a tab holds, written beside a file that must not be overwritten, and proven there.
 */
import { PathExt } from '@jupyterlab/coreutils';
import { UUID } from '@lumino/coreutils';

import type { IDocumentReport } from '../server/protocol';
import { trackerOf } from './changeTracker';
import { isSame } from './compare';
import { diskContent, isOnDisk, tabContent } from './content';
import type { SavableContext } from './content';
import type { ContentFormat, ContentsClient } from './contents';

/** Bytes of a file name: 255 at most, less what the server puts before it while it writes. */
const MAX_NAME_BYTES = 250;

/** What is typed while a copy is written needs another one, and so does a copy whose place another tab took. */
const MAX_COPY_ATTEMPTS = 2;

/** Names that are tried in one second. */
const MAX_NAMES_PER_SECOND = 20;

/**
 * The name of a rescue copy: `notes.unsaved-20261125T183000Z.txt` beside `notes.txt`.
 *
 * @param path - of the document
 * @param mark - what tells this copy from others
 */
export function copyPath(path: string, mark: string): string {
  const name = PathExt.basename(path);
  const extension = PathExt.extname(name);
  const end = `.unsaved-${mark}${extension}`;
  const letters = Array.from(name.slice(0, name.length - extension.length));
  while (letters.length > 1 && bytes(letters.join('') + end) > MAX_NAME_BYTES) {
    letters.pop();
  }
  return PathExt.join(PathExt.dirname(path), letters.join('') + end);
}

export class RescueCopies {
  /** @param now - milliseconds since the epoch */
  constructor(
    private readonly disk: ContentsClient,
    private readonly now: () => number = Date.now
  ) {}

  /** Our version goes beside the file, which stays as it is. */
  async rescueCopy(
    context: SavableContext,
    reading: ContentFormat,
    detail: string,
    theirs?: unknown
  ): Promise<SaveResult> {
    try {
      return rescued(await this.writeCopy(context, reading, theirs), detail);
    } catch (error) {
      throw await this.disk.explainError(error, context.localPath);
    }
  }

  /** Write what the tab held until something else went over it: the tab cannot be asked for it any more. */
  async rescueText(
    { localPath }: SavableContext,
    reading: ContentFormat,
    detail: string,
    content: unknown
  ): Promise<SaveResult> {
    const path = await this.reserveName(localPath, reading, content);
    const found = await this.disk.read(path, reading);
    const isThere = found && isSame(content, diskContent(found, reading));
    return rescued(isThere ? path : null, detail);
  }

  /**
   * Write what the tab holds beside its file. A version that has its copy already keeps it.
   *
   * @param theirs - what the file holds now, if that is known: its line ends are kept
   * @returns the path of the copy, read back and compared
   * @throws Error when the copy cannot be written or proven
   */
  private async writeCopy(
    context: SavableContext,
    reading: ContentFormat,
    theirs: unknown
  ): Promise<string | null> {
    const kept = this._copies.get(context);
    if (kept && (await this.isInCopy(kept.path, context, reading))) {
      return kept.path;
    }
    for (let attempt = 0; attempt < MAX_COPY_ATTEMPTS; attempt++) {
      const sent = tabContent(context, reading);
      const path = await this.reserveName(context.localPath, reading, withLineEndsOf(sent, theirs));
      if (await this.isInCopy(path, context, reading, sent)) {
        this._copies.set(context, { path, version: trackerOf(context).version });
        return path;
      }
    }
    return null;
  }

  /** Whether what the tab holds now is what was proven in its copy. */
  isRescued(context: SavableContext): boolean {
    return this._copies.get(context)?.version === trackerOf(context).version;
  }

  /**
   * A name of its own. A `PUT` goes over an existing file, also one that another tab wrote in the same second; a
   * rename does not. So the copy is written under a name that nobody else can have, and then renamed.
   */
  private async reserveName(
    beside: string,
    reading: ContentFormat,
    content: unknown
  ): Promise<string> {
    const time = new Date(this.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const draft = copyPath(beside, `${time}-${UUID.uuid4().slice(0, 8)}`);
    await this.disk.write(draft, reading, content);
    for (let number = 1; number <= MAX_NAMES_PER_SECOND; number++) {
      const path = copyPath(beside, number > 1 ? `${time}-${number}` : time);
      const isOurs = await this.disk.rename(draft, path).catch(() => null);
      if (isOurs !== false) {
        return isOurs ? path : draft; // where it cannot be renamed it is as safe
      }
    }
    return draft;
  }

  private async isInCopy(
    path: string,
    context: SavableContext,
    reading: ContentFormat,
    sent?: unknown
  ): Promise<boolean> {
    const file = await this.disk.stat(path);
    const found = file && (await this.disk.read(path, reading, file.size));
    return found !== null && isOnDisk(context, reading, diskContent(found, reading), sent);
  }

  private readonly _copies = new WeakMap<SavableContext, { path: string; version: number }>();
}

/** As it is written: with the line ends of the file that it stands beside. */
function withLineEndsOf(content: unknown, theirs: unknown): unknown {
  const isCrlf = typeof theirs === 'string' && theirs.includes('\r\n');
  return isCrlf && typeof content === 'string' ? content.replace(/\n/g, '\r\n') : content;
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

export type SaveResult = Omit<IDocumentReport, 'path'>;

/** An outcome without a copy. */
export function report(outcome: SaveResult['outcome'], detail: string | null = null): SaveResult {
  return { outcome, detail, copy: null };
}

/** What is proven in a copy, unless there is none. */
export function rescued(copy: string | null, detail: string): SaveResult {
  return copy
    ? { outcome: 'rescued', detail, copy }
    : report('unverified', 'the copy is not what this tab holds');
}
