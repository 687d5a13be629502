/**
 * Rescue copies: what a tab holds, written beside a file that must not be overwritten, and proven there.
 */
import { PathExt } from '@jupyterlab/coreutils';
import { UUID } from '@lumino/coreutils';

import { isSame } from './canonical';
import type { Disk, Reading } from './disk';
import { comparable, held, isProof } from './held';
import type { SavableContext } from './held';
import { kept } from './result';
import type { Result } from './result';
import { trailOf } from './trail';

/** Bytes of a file name: 255 at most, less what the server puts before it while it writes. */
const LONGEST = 250;

/** What is typed while a copy is written needs another one, and so does a copy whose place another tab took. */
const ATTEMPTS = 2;

/** Names that are tried in one second. */
const NAMES = 20;

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
  while (letters.length > 1 && bytes(letters.join('') + end) > LONGEST) {
    letters.pop();
  }
  return PathExt.join(PathExt.dirname(path), letters.join('') + end);
}

export class Rescue {
  /** @param now - milliseconds since the epoch */
  constructor(
    private readonly disk: Disk,
    private readonly now: () => number = Date.now
  ) {}

  /** Our version goes beside the file, which stays as it is. */
  async beside(
    context: SavableContext,
    reading: Reading,
    detail: string,
    theirs?: unknown
  ): Promise<Result> {
    try {
      return kept(await this.copy(context, reading, theirs), detail);
    } catch (error) {
      throw await this.disk.explained(error, context.localPath);
    }
  }

  /** Write what the tab held until something else went over it: the tab cannot be asked for it any more. */
  async former(
    { localPath }: SavableContext,
    reading: Reading,
    detail: string,
    content: unknown
  ): Promise<Result> {
    const path = await this.claim(localPath, reading, content);
    const found = await this.disk.read(path, reading);
    const isThere = found && isSame(content, comparable(found, reading));
    return kept(isThere ? path : null, detail);
  }

  /**
   * Write what the tab holds beside its file. A version that has its copy already keeps it.
   *
   * @param theirs - what the file holds now, if that is known: its line ends are kept
   * @returns the path of the copy, read back and compared
   * @throws Error when the copy cannot be written or proven
   */
  private async copy(
    context: SavableContext,
    reading: Reading,
    theirs: unknown
  ): Promise<string | null> {
    const kept = this._copies.get(context);
    if (kept && (await this.holds(kept.path, context, reading))) {
      return kept.path;
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sent = held(context, reading);
      const path = await this.claim(context.localPath, reading, written(sent, theirs));
      if (await this.holds(path, context, reading, sent)) {
        this._copies.set(context, { path, version: trailOf(context).version });
        return path;
      }
    }
    return null;
  }

  /** Whether what the tab holds now is what was proven in its copy. */
  isKept(context: SavableContext): boolean {
    return this._copies.get(context)?.version === trailOf(context).version;
  }

  /**
   * A name of its own. A `PUT` goes over an existing file, also one that another tab wrote in the same second; a
   * rename does not. So the copy is written under a name that nobody else can have, and then renamed.
   */
  private async claim(beside: string, reading: Reading, content: unknown): Promise<string> {
    const time = new Date(this.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const draft = copyPath(beside, `${time}-${UUID.uuid4().slice(0, 8)}`);
    await this.disk.write(draft, reading, content);
    for (let number = 1; number <= NAMES; number++) {
      const path = copyPath(beside, number > 1 ? `${time}-${number}` : time);
      const isOurs = await this.disk.rename(draft, path).catch(() => null);
      if (isOurs !== false) {
        return isOurs ? path : draft; // where it cannot be renamed it is as safe
      }
    }
    return draft;
  }

  private async holds(
    path: string,
    context: SavableContext,
    reading: Reading,
    sent?: unknown
  ): Promise<boolean> {
    const file = await this.disk.look(path);
    const found = file && (await this.disk.read(path, reading, file.size));
    return found !== null && isProof(context, reading, comparable(found, reading), sent);
  }

  private readonly _copies = new WeakMap<SavableContext, { path: string; version: number }>();
}

/** As it is written: with the line ends of the file that it stands beside. */
function written(content: unknown, theirs: unknown): unknown {
  const isCrlf = typeof theirs === 'string' && theirs.includes('\r\n');
  return isCrlf && typeof content === 'string' ? content.replace(/\n/g, '\r\n') : content;
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
