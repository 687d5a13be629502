/**
 * Write the content of a tab to a copy beside a file that must not be overwritten, and verify the copy.
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

/** Maximum length of a file name in bytes: 255, minus the prefix that the server adds while writing. */
const MAX_NAME_BYTES = 250;

/** Maximum number of copies, because text may be typed during a write, or another tab may take the name. */
const MAX_COPY_ATTEMPTS = 2;

/** Maximum number of names to try within one second. */
const MAX_NAMES_PER_SECOND = 20;

/**
 * Return the path of a rescue copy: `notes.unsaved-20261125T183000Z.txt` beside `notes.txt`.
 *
 * @param path - path of the document
 * @param mark - text that distinguishes this copy from others
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
   * @param contents - reads and writes files on disk
   * @param now - returns the time in milliseconds since the epoch
   */
  constructor(
    private readonly contents: ContentsClient,
    private readonly now: () => number = Date.now
  ) {}

  /**
   * Rescue the content of the tab; the file is not changed.
   *
   * @param detail - the reason, beginning with a code
   * @param theirs - content of the file, if known: its line endings are used
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
   * Rescue content that was replaced in the tab by another version.
   *
   * @param detail - the reason, beginning with a code
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

  /** Check whether the content of the tab is still that of its verified copy. */
  isRescued(context: SavableContext): boolean {
    return this._copies.get(context)?.version === trackerOf(context).version;
  }

  /**
   * Write a copy of the content, unless this version already has one.
   *
   * @returns the path of the verified copy; `null` if it could not be verified
   * @throws Error if the copy cannot be written
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
   * Write content to a new file, and return its path.
   *
   * A `PUT` would replace an existing file, even one that another tab wrote in the same second; a rename would not. So the
   * content is written under a unique name, and then renamed.
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
        return isOurs ? path : draft; // it is safe under either name
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

/** Return the result `rescued` with the verified copy, or `unverified` without one. */
function rescued(copy: string | null, detail: string): SaveResult {
  return copy
    ? { outcome: 'rescued', detail, copy }
    : report('unverified', 'the copy is not what this tab holds');
}

/** Convert a text to the line endings of another one. */
function withLineEndsOf(content: unknown, theirs: unknown): unknown {
  const isCrlf = typeof theirs === 'string' && theirs.includes('\r\n');
  return isCrlf && typeof content === 'string' ? content.replace(/\n/g, '\r\n') : content;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
