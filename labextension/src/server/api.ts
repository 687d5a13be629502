/**
 * Call the routes of the server extension, one method for each. Every request has a time limit.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { API_TIMEOUT_MS, NAMESPACE } from '../constants';
import { withAbort } from '../timeout';
import type { IRestartRequest, IState } from './protocol';

/** A request that failed: without an answer, or with another one than was asked for. */
export class ApiError extends Error {
  /**
   * @param status - the HTTP status; 0 when there was no answer at all
   * @param code - the server's own code, or '' when it sent none (a proxy's HTML page)
   * @param detail - a second code that says why, or ''
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail = ''
  ) {
    super(message);
  }

  /** Whether this server does not have our extension, or does not let us use it. */
  get isAbsent(): boolean {
    return this.status === 404 || this.status === 403;
  }
}

export class Api {
  /**
   * @param settings - where the server is and how to reach it: what kernels use, so it works behind the same proxies
   * @param timeoutMs - how long a request may take, in milliseconds
   */
  constructor(
    readonly settings: ServerConnection.ISettings,
    private readonly timeoutMs = API_TIMEOUT_MS
  ) {}

  /**
   * Get the state document, with the losses of this moment.
   *
   * @param tab - the id of a tab that is about to connect: from now on the server waits for it
   */
  state(tab?: string): Promise<IState> {
    return this.request('GET', 'state', undefined, tab);
  }

  /**
   * Ask for a restart.
   *
   * @param tab - the id of the tab that asks: the server waits for it, even if it is not connected
   */
  restart(request: IRestartRequest, tab: string): Promise<IState> {
    return this.request('POST', 'restart', request, tab);
  }

  /** Cancel a running restart, or acknowledge one that has ended. */
  dismissRestart(): Promise<IState> {
    return this.request('DELETE', 'restart');
  }

  /** Hold the instance as it is, until a time (ISO 8601 in UTC). */
  hold(until: string, reason: string): Promise<IState> {
    return this.request('PUT', 'hold', { until, reason });
  }

  /** End the hold. */
  release(): Promise<IState> {
    return this.request('DELETE', 'hold');
  }

  /** Put the reminder off. */
  defer(): Promise<IState> {
    return this.request('PUT', 'deferral', {});
  }

  /** Keep these files outside the volume from now on, by their ids, and no others. */
  keepFiles(files: string[]): Promise<IState> {
    return this.request('PUT', 'restore', { files });
  }

  /** Install the packages again that somebody had added. */
  reinstallPackages(): Promise<IState> {
    return this.request('PUT', 'packages', {});
  }

  /** Set whether that happens by itself after each restart from now on; nothing begins. */
  setAutomaticReinstall(automatic: boolean): Promise<IState> {
    return this.request('PATCH', 'packages', { automatic });
  }

  /** Stop installing packages, or dismiss them. */
  cancelReinstall(): Promise<IState> {
    return this.request('DELETE', 'packages');
  }

  /** Tell the server that a tab without a channel is being closed. */
  sayBye(tab: string): Promise<unknown> {
    return this.fetchJson('DELETE', 'page', undefined, tab);
  }

  /** Open this tab's channel; the token rule is the one of JupyterLab's own event socket. */
  openChannel(): WebSocket {
    const { wsUrl, appendToken, token, WebSocket } = this.settings;
    const query = appendToken && token ? `?token=${encodeURIComponent(token)}` : '';
    return new WebSocket(URLExt.join(wsUrl, NAMESPACE, 'channel') + query);
  }

  private async request(
    method: string,
    route: string,
    body?: unknown,
    tab?: string
  ): Promise<IState> {
    const { response, data } = await this.fetchJson(method, route, body, tab);
    if (!response.ok) {
      const { code, message, detail } = (data ?? {}) as Record<string, unknown>;
      throw new ApiError(
        response.status,
        typeof code === 'string' ? code : '',
        typeof message === 'string' ? message : `HTTP ${response.status}`,
        typeof detail === 'string' ? detail : ''
      );
    }
    if (!isState(data)) {
      // A stopped instance's proxy may answer 200 with a page of its own.
      throw new ApiError(response.status, '', 'not a state document');
    }
    return data;
  }

  private async fetchJson(
    method: string,
    route: string,
    body: unknown,
    tab = '1'
  ): Promise<{ response: Response; data: unknown }> {
    try {
      return await withAbort(this.timeoutMs, async signal => {
        const response = await ServerConnection.makeRequest(
          URLExt.join(this.settings.baseUrl, NAMESPACE, route),
          {
            method,
            signal,
            keepalive: method === 'DELETE', // the last request of a page is sent although the page is gone
            // A page of another origin cannot send this header without our server's consent.
            headers: { 'X-Nb-Updater': tab },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          },
          this.settings
        );
        return { response, data: parsed(await response.text()) };
      });
    } catch (error) {
      throw new ApiError(0, 'unreachable', error instanceof Error ? error.message : String(error));
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Check whether an answer is a state document, as far as the tab depends on it. */
export function isState(data: unknown): data is IState {
  const state = data as Partial<IState> | null;
  return (
    typeof state?.server_id === 'string' &&
    typeof state.revision === 'number' &&
    typeof state.restart?.phase === 'string' &&
    typeof state.advice?.level === 'string' &&
    typeof state.return_path?.kind === 'string'
  );
}
