/**
 * A document as it is on disk: read over plain REST, past every drive, provider and cache of the page.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { abortable } from './within';

/** What the contents API says about a file, as far as a proof needs it. */
export interface IOnDisk {
  content: unknown;
  /** Of the bytes on disk; absent before jupyter_server 2.11. */
  hash: string | null;
  last_modified: string;
  writable: boolean;
}

/** How a document is read so that it compares with what a tab holds. */
export type Reading = 'notebook' | 'text' | 'base64';

export class Disk {
  /** @param timeout - milliseconds until a read counts as unanswered */
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly timeout = 10_000
  ) {}

  /**
   * Read a file.
   *
   * @param path - below the server's root, without a drive
   * @returns the file, or `null` when there is none
   * @throws Error when the server does not answer in time or does not give the file
   */
  async read(path: string, reading: Reading): Promise<IOnDisk | null> {
    const query =
      reading === 'notebook'
        ? { type: 'notebook' } // `format=json` is a 400 here
        : { type: 'file', format: reading };
    const url =
      URLExt.join(this.settings.baseUrl, 'api/contents', URLExt.encodeParts(path)) +
      URLExt.objectToQueryString({ content: '1', hash: '1', ...query });
    return abortable(this.timeout, async signal => {
      const response = await ServerConnection.makeRequest(url, { signal }, this.settings);
      if (response.status === 404) {
        return null;
      }
      if (!response.ok) {
        throw new Error(`reading it back: HTTP ${response.status}`);
      }
      return (await response.json()) as IOnDisk;
    });
  }
}
