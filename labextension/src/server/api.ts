/**
 * The routes of the server extension, one method each. Every request has a bound of its own.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { NAMESPACE } from '../constants';
import { withAbort } from '../timeout';
import type { IRestartRequest, IState } from './protocol';

/** The server answered, but not with what was asked for. */
export class ApiError extends Error {
  /**
   * @param status - the HTTP status; 0 when there was no answer at all
   * @param code - the server's own code, or '' when it sent none (a proxy's HTML page)
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string
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
   * @param timeout - milliseconds until a request counts as unanswered
   */
  constructor(
    readonly settings: ServerConnection.ISettings,
    private readonly timeout = 8000
  ) {}

  /**
   * The state document, losses counted afresh.
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

  /** Call a running restart off, or acknowledge one that has ended. */
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

  /** Remind me later. */
  defer(): Promise<IState> {
    return this.request('PUT', 'deferral', {});
  }

  /** Keep these files outside the volume from now on, by their ids. */
  keepFiles(files: string[]): Promise<IState> {
    return this.request('PUT', 'desk', { files });
  }

  /** Put back what somebody had added. */
  reinstallPackages(): Promise<IState> {
    return this.request('PUT', 'packages', {});
  }

  /** Whether that happens by itself after each restart from now on; nothing begins. */
  setAutomaticReinstall(automatic: boolean): Promise<IState> {
    return this.request('PATCH', 'packages', { automatic });
  }

  /** Put nothing back any more. */
  cancelReinstall(): Promise<IState> {
    return this.request('DELETE', 'packages');
  }

  /** A tab that has no channel is being closed. */
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
      const { code, message } = (data ?? {}) as { code?: unknown; message?: unknown };
      throw new ApiError(
        response.status,
        typeof code === 'string' ? code : '',
        typeof message === 'string' ? message : `HTTP ${response.status}`
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
      return await withAbort(this.timeout, async signal => {
        const response = await ServerConnection.makeRequest(
          URLExt.join(this.settings.baseUrl, NAMESPACE, route),
          {
            method,
            signal,
            keepalive: method === 'DELETE', // a page's last word goes out although the page is gone
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

/** Whether an answer is a state document as far as the tab depends on it. */
export function isState(data: unknown): data is IState {
  const state = data as Partial<IState> | null;
  return (
    typeof state?.boot_id === 'string' &&
    typeof state.revision === 'number' &&
    typeof state.restart?.phase === 'string' &&
    typeof state.advice?.level === 'string' &&
    typeof state.return_path?.kind === 'string'
  );
}
