/**
 * Documents as they are on disk: over plain REST, past every drive, provider and cache of the page.
 */
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { withAbort } from '../timeout';

/** What the contents API says about a file. */
export interface IFile {
  /** Of the bytes on disk; absent before jupyter_server 2.11. */
  hash?: string | null;
  last_modified: string;
  writable: boolean;
  /** In bytes. */
  size?: number | null;
}

/** A file with its content: text, base64, or a notebook as JSON. */
export interface IFileContent extends IFile {
  content: unknown;
}

/** How a document is read so that it compares with what a tab holds. */
export type ContentFormat = 'notebook' | 'text' | 'base64';

/** JupyterLab's own margin between two clocks, in milliseconds (`Context.lastModifiedCheckMargin`). */
const CLOCK_MARGIN_MS = 500;

/** Bytes that a server and its proxies carry in a millisecond at the very least. */
const MIN_BYTES_PER_MS = 1000;

/**
 * How long something with a file may take.
 *
 * @param milliseconds - for a small file
 * @param size - of the file, in bytes
 */
export function timeoutFor(milliseconds: number, size: number | null | undefined): number {
  return milliseconds + (size ?? 0) / MIN_BYTES_PER_MS;
}

/** Whether the file is not the one that this tab last read or wrote. */
export function isNewer(
  found: IFile,
  known: (Pick<IFile, 'hash'> & { last_modified?: string }) | null
): boolean {
  if (found.hash && known?.hash) {
    return found.hash !== known.hash;
  }
  return Date.parse(found.last_modified) - Date.parse(known?.last_modified ?? '') > CLOCK_MARGIN_MS;
}

export class ContentsClient {
  /** @param timeout - milliseconds until a request about a small file counts as unanswered */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly timeout = 10_000
  ) {}

  /**
   * What a file is, without its content.
   *
   * @param path - below the server's root, without a drive
   * @returns `null` when there is none
   */
  async stat(path: string): Promise<IFile | null> {
    return this.get<IFile>(path, { content: '0', hash: '1' });
  }

  /**
   * Read a file.
   *
   * @param size - in bytes, as far as it is known
   * @returns the file, or `null` when there is none
   * @throws Error when the server does not answer in time or does not give the file
   */
  async read(
    path: string,
    reading: ContentFormat,
    size?: number | null
  ): Promise<IFileContent | null> {
    const query =
      reading === 'notebook'
        ? { type: 'notebook' } // `format=json` is a 400 here
        : { type: 'file', format: reading };
    return this.get<IFileContent>(path, { content: '1', hash: '1', ...query }, size);
  }

  /**
   * Read a file as far as it can be compared: `null` also when it holds nothing of the kind, as a notebook with conflict marks.
   */
  async readIfValid(
    path: string,
    reading: ContentFormat,
    size?: number | null
  ): Promise<IFileContent | null> {
    try {
      return await this.read(path, reading, size);
    } catch (error) {
      if ((error as { response?: Response }).response?.status === 400) {
        return null;
      }
      throw error;
    }
  }

  /** Write a file, over whatever is there. */
  async write(path: string, reading: ContentFormat, content: unknown): Promise<void> {
    const [type, format] = reading === 'notebook' ? ['notebook', 'json'] : ['file', reading];
    const body = JSON.stringify({ type, format, content });
    await this.request(path, { method: 'PUT', body }, body.length, requireOk);
  }

  /** Give a file another name, never that of an existing one; `false` when the name is taken. */
  async rename(path: string, to: string): Promise<boolean> {
    const init = { method: 'PATCH', body: JSON.stringify({ path: to }) };
    return this.request(
      path,
      init,
      0,
      async response => response.status !== 409 && (await requireOk(response))
    );
  }

  /** Why a write failed: the server says of a folder that vanished only that something unexpected happened. */
  async explainError(error: unknown, path: string): Promise<unknown> {
    const folder = PathExt.dirname(path);
    const isGone = folder && (await this.stat(folder).catch(() => true)) === null;
    return isGone ? new Error(`folder: ${folder} is no longer there`) : error;
  }

  private async get<T extends IFile>(
    path: string,
    query: Record<string, string>,
    size?: number | null
  ): Promise<T | null> {
    const take = async (response: Response) => {
      if (response.status === 404) {
        return null;
      }
      await requireOk(response);
      return (await response.json()) as T;
    };
    return this.request(path, {}, size, take, URLExt.objectToQueryString(query));
  }

  /** The body is taken within the same time: for a large file it is most of it. */
  private async request<T>(
    path: string,
    init: RequestInit,
    size: number | null | undefined,
    take: (response: Response) => Promise<T>,
    query = ''
  ): Promise<T> {
    const { baseUrl } = this.settings;
    const url = URLExt.join(baseUrl, 'api/contents', URLExt.encodeParts(path)) + query;
    return withAbort(timeoutFor(this.timeout, size), async signal =>
      take(await ServerConnection.makeRequest(url, { ...init, signal }, this.settings))
    );
  }
}

/** Nothing but success; a refusal is thrown in the server's own words. */
async function requireOk(response: Response): Promise<true> {
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return true;
}
