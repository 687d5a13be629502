/**
 * Read and write files on disk through plain REST, bypassing all drives, content providers and caches of the page.
 */
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { CLOCK_MARGIN_MS, CONTENTS_TIMEOUT_MS, MIN_BYTES_PER_MS } from '../constants';
import { withAbort } from '../timeout';

/** A file in the contents API. */
export interface IFile {
  /** Hash of the bytes on disk; absent before jupyter_server 2.11. */
  hash?: string | null;
  last_modified: string;
  writable: boolean;
  /** Size in bytes. */
  size?: number | null;
}

/**
 * Return why a save failed, as a code for the words and the advice; '' when that is unknown. The server says it in a
 * message only: jupyter_server puts the error of the operating system into one, and a pre-save hook writes its own.
 */
export function failureCode(error: unknown): '' | 'no-space' | 'permission' | 'encoding' | 'hook' {
  const { message = '', response } = error as { message?: string; response?: Response };
  const found = FAILURES.find(([, pattern]) => pattern.test(message));
  return found?.[0] ?? (response && REFUSED_STATUS.has(response.status) ? 'hook' : '');
}

const FAILURES = [
  ['no-space', /No space left|Disk quota exceeded|Errno (28|122)\b/i],
  ['permission', /Permission denied|Operation not permitted|Read-only file system/i],
  ['encoding', /Encoding error|codec can't|not UTF-8/i],
  ['hook', /\bhook\b/i]
] as const;

/** What a hook answers that does not like the content. */
const REFUSED_STATUS = new Set([400, 422]);

/** A file with its content: text, base64, or a notebook as JSON. */
export interface IFileContent extends IFile {
  content: unknown;
}

/** Format in which a file is read for comparison with the tab. */
export type ContentFormat = 'notebook' | 'text' | 'base64';

/**
 * Return the timeout of a request for a file, in milliseconds.
 *
 * @param milliseconds - timeout for a small file
 * @param size - size of the file in bytes
 */
export function timeoutFor(milliseconds: number, size: number | null | undefined): number {
  return milliseconds + (size ?? 0) / MIN_BYTES_PER_MS;
}

/**
 * Check whether a file is newer than the version that this tab last read or wrote.
 *
 * @param found - the current file
 * @param known - the version that this tab last read or wrote
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
   * @param settings - connection to the server
   * @param timeoutMs - timeout of a request for a small file, in milliseconds
   */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly timeoutMs = CONTENTS_TIMEOUT_MS
  ) {}

  /**
   * Get a file without its content.
   *
   * @param path - path relative to the server's root, without a drive
   * @returns the file, or `null` if it does not exist
   */
  async stat(path: string): Promise<IFile | null> {
    return this.get<IFile>(path, { content: '0', hash: '1' });
  }

  /**
   * Read a file.
   *
   * @param path - path relative to the server's root, without a drive
   * @param format - format of the content
   * @param size - size in bytes, if known
   * @returns the file, or `null` if it does not exist
   * @throws Error if the server does not respond in time or does not return the file
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

  /** Read a file; `null` also if it is invalid in this format, such as a notebook with merge conflict markers. */
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

  /** Write a file, and replace an existing one. */
  async write(path: string, format: ContentFormat, content: unknown): Promise<void> {
    const kind =
      format === 'notebook' ? { type: 'notebook', format: 'json' } : { type: 'file', format };
    const body = JSON.stringify({ ...kind, content });
    await this.request(path, { method: 'PUT', body }, body.length, requireOk);
  }

  /** Rename a file, never over an existing one; `false` if the name is taken. */
  async rename(path: string, to: string): Promise<boolean> {
    const init = { method: 'PATCH', body: JSON.stringify({ path: to }) };
    return this.request(
      path,
      init,
      0,
      async response => response.status !== 409 && (await requireOk(response))
    );
  }

  /** Explain why a write failed: for a deleted folder the server reports only an unexpected error. */
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

  /** Send a request and parse its response within one timeout, because a large body takes most of the time. */
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

/** Require success, or throw an error with the server's message. */
async function requireOk(response: Response): Promise<true> {
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  return true;
}
