/**
 * Write what a tab holds to a copy beside a file that must not be overwritten, and prove it there.
 */
import { PathExt } from '@jupyterlab/coreutils';
import { UUID } from '@lumino/coreutils';

import { trackerOf } from './changeTracker';
import { isSame } from './compare';
import { diskContent, isOnDisk, tabContent } from './tabContent';
import type { SavableContext } from './tabContent';
import type { ContentFormat, ContentsClient } from './contents';
import { report } from './decision';
import type { SaveResult } from './decision';

/** A file name has 255 bytes at most, less what the server puts before it while it writes. */
const MAX_NAME_BYTES = 250;

/** What is typed while a copy is written needs another one, and so does a copy whose name another tab took. */
const MAX_COPY_ATTEMPTS = 2;

/** How many names are tried in one second. */
const MAX_NAMES_PER_SECOND = 20;

/**
 * Return the path of a rescue copy: `notes.unsaved-20261125T183000Z.txt` beside `notes.txt`.
 *
 * @param path - of the document
 * @param mark - what distinguishes this copy from others
 */
export function copyPath(path: string, mark: string): string {
  const name = PathExt.basename(path);
  const extension = PathExt.extname(name);
  const end = `.unsaved-${mark}${extension}`;
  const letters = Array.from(name.slice(0, name.length - extension.length));
  while (letters.length > 1 && byteLength(letters.join('') + end) > MAX_NAME_BYTES) {
    letters.pop();
  }
  return PathExt.join(PathExt.dirname(path), letters.join('') + end);
}

export class RescueCopies {
  /**
   * @param contents - the files as they are on disk
   * @param now - returns milliseconds since the epoch
   */
  constructor(
    private readonly contents: ContentsClient,
    private readonly now: () => number = Date.now
  ) {}

  /**
   * Rescue what the tab holds; the file stays as it is.
   *
   * @param detail - why, as a code
   * @param theirs - what the file holds now, if that is known: its line ends are kept
   */
  async rescueCopy(
    context: SavableContext,
    format: ContentFormat,
    detail: string,
    theirs?: unknown
  ): Promise<SaveResult> {
    try {
      return rescued(await this.writeCopy(context, format, theirs), detail);
    } catch (error) {
      throw await this.contents.explainError(error, context.localPath);
    }
  }

  /**
   * Rescue a content that the tab held until something else replaced it there.
   *
   * @param detail - why, as a code
   * @param content - the text, or a notebook as JSON
   */
  async rescueText(
    { localPath }: SavableContext,
    format: ContentFormat,
    detail: string,
    content: unknown
  ): Promise<SaveResult> {
    const path = await this.reserveName(localPath, format, content);
    const found = await this.contents.read(path, format);
    const isThere = found && isSame(content, diskContent(found, format));
    return rescued(isThere ? path : null, detail);
  }

  /** Check whether the tab still holds what was proven in its copy. */
  isRescued(context: SavableContext): boolean {
    return this._copies.get(context)?.version === trackerOf(context).version;
  }

  /**
   * Write a copy of what the tab holds. A version that has its copy already keeps it.
   *
   * @returns the path of the copy, read back and compared; `null` when it could not be proven
   * @throws Error when the copy cannot be written
   */
  private async writeCopy(
    context: SavableContext,
    format: ContentFormat,
    theirs: unknown
  ): Promise<string | null> {
    const known = this._copies.get(context);
    if (known && (await this.isInCopy(known.path, context, format))) {
      return known.path;
    }
    for (let attempt = 0; attempt < MAX_COPY_ATTEMPTS; attempt++) {
      const sent = tabContent(context, format);
      const path = await this.reserveName(context.localPath, format, withLineEndsOf(sent, theirs));
      if (await this.isInCopy(path, context, format, sent)) {
        this._copies.set(context, { path, version: trackerOf(context).version });
        return path;
      }
    }
    return null;
  }

  /**
   * Write a content under a name of its own, and return its path.
   *
   * A `PUT` goes over an existing file, also one that another tab wrote in the same second; a rename does not. So the
   * content is written under a name that nobody else can have, and then renamed.
   */
  private async reserveName(
    beside: string,
    format: ContentFormat,
    content: unknown
  ): Promise<string> {
    const time = new Date(this.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const draft = copyPath(beside, `${time}-${UUID.uuid4().slice(0, 8)}`);
    await this.contents.write(draft, format, content);
    for (let number = 1; number <= MAX_NAMES_PER_SECOND; number++) {
      const path = copyPath(beside, number > 1 ? `${time}-${number}` : time);
      const isOurs = await this.contents.rename(draft, path).catch(() => null);
      if (isOurs !== false) {
        return isOurs ? path : draft; // where it cannot be renamed it is as safe
      }
    }
    return draft;
  }

  private async isInCopy(
    path: string,
    context: SavableContext,
    format: ContentFormat,
    sent?: unknown
  ): Promise<boolean> {
    const file = await this.contents.stat(path);
    const found = file && (await this.contents.read(path, format, file.size));
    return found !== null && isOnDisk(context, format, diskContent(found, format), sent);
  }

  private readonly _copies = new WeakMap<SavableContext, { path: string; version: number }>();
}

/** Make the result of a document whose content is proven in a copy, unless there is none. */
function rescued(copy: string | null, detail: string): SaveResult {
  return copy
    ? { outcome: 'rescued', detail, copy }
    : report('unverified', 'the copy is not what this tab holds');
}

/** Convert a text to the line ends of the file beside which it is written. */
function withLineEndsOf(content: unknown, theirs: unknown): unknown {
  const isCrlf = typeof theirs === 'string' && theirs.includes('\r\n');
  return isCrlf && typeof content === 'string' ? content.replace(/\n/g, '\r\n') : content;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
