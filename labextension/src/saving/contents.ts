/**
 * Read and write files as they are on disk: over plain REST, past every drive, provider and cache of the page.
 */
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { CLOCK_MARGIN_MS, CONTENTS_TIMEOUT_MS, MIN_BYTES_PER_MS } from '../constants';
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

/** How a file is read so that it compares with what a tab holds. */
export type ContentFormat = 'notebook' | 'text' | 'base64';

/**
 * Return how long a request about a file may take, in milliseconds.
 *
 * @param milliseconds - the limit for a small file
 * @param size - of the file, in bytes
 */
export function timeoutFor(milliseconds: number, size: number | null | undefined): number {
  return milliseconds + (size ?? 0) / MIN_BYTES_PER_MS;
}

/**
 * Check whether a file is newer than the version that this tab last read or wrote.
 *
 * @param found - the file as it is now
 * @param known - the version that this tab knows
 */
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
  /**
   * @param settings - where the server is and how to reach it
   * @param timeoutMs - how long a request about a small file may take, in milliseconds
   */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly timeoutMs = CONTENTS_TIMEOUT_MS
  ) {}

  /**
   * Get a file without its content.
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
   * @throws Error when the server does not answer in time or does not return the file
   */
  async read(
    path: string,
    format: ContentFormat,
    size?: number | null
  ): Promise<IFileContent | null> {
    const query =
      format === 'notebook'
        ? { type: 'notebook' } // `format=json` is a 400 here
        : { type: 'file', format };
    return this.get<IFileContent>(path, { content: '1', hash: '1', ...query }, size);
  }

  /** Read a file; `null` also when it is not valid in this format, as a notebook with conflict marks. */
  async readIfValid(
    path: string,
    format: ContentFormat,
    size?: number | null
  ): Promise<IFileContent | null> {
    try {
      return await this.read(path, format, size);
    } catch (error) {
      if ((error as { response?: Response }).response?.status === 400) {
        return null;
      }
      throw error;
    }
  }

  /** Write a file, over whatever is there. */
  async write(path: string, format: ContentFormat, content: unknown): Promise<void> {
    const kind =
      format === 'notebook' ? { type: 'notebook', format: 'json' } : { type: 'file', format };
    const body = JSON.stringify({ ...kind, content });
    await this.request(path, { method: 'PUT', body }, body.length, requireOk);
  }

  /** Rename a file, never over an existing one; `false` when the name is taken. */
  async rename(path: string, to: string): Promise<boolean> {
    const init = { method: 'PATCH', body: JSON.stringify({ path: to }) };
    return this.request(
      path,
      init,
      0,
      async response => response.status !== 409 && (await requireOk(response))
    );
  }

  /** Explain why a write failed: of a folder that is gone the server says only that something unexpected happened. */
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
    const parse = async (response: Response) => {
      if (response.status === 404) {
        return null;
      }
      await requireOk(response);
      return (await response.json()) as T;
    };
    return this.request(path, {}, size, parse, URLExt.objectToQueryString(query));
  }

  /** Send a request and parse its answer within the same time limit: for a large file the body is most of it. */
  private async request<T>(
    path: string,
    init: RequestInit,
    size: number | null | undefined,
    parse: (response: Response) => Promise<T>,
    query = ''
  ): Promise<T> {
    const { baseUrl } = this.settings;
    const url = URLExt.join(baseUrl, 'api/contents', URLExt.encodeParts(path)) + query;
    return withAbort(timeoutFor(this.timeoutMs, size), async signal =>
      parse(await ServerConnection.makeRequest(url, { ...init, signal }, this.settings))
    );
  }
}

/** Require success; an error is thrown with the server's own message. */
async function requireOk(response: Response): Promise<true> {
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return true;
}
