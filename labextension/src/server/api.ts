/**
 * Call the REST routes of the server extension. Every request has a timeout.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { API_TIMEOUT_MS, NAMESPACE } from '../constants';
import { withAbort } from '../timeout';
import type { IRestartRequest, IState, TabMessage } from './protocol';

/** Code of an error: the answer sends the browser elsewhere, as to a page for signing in. None of our routes does. */
const REDIRECTED = 'redirected';

/** A request that failed: without a response, or with an unexpected one. */
export class ApiError extends Error {
  /**
   * @param status - HTTP status; 0 without a response
   * @param code - code of the server, or '' without one (a proxy's HTML page)
   * @param message - message of the server
   * @param detail - a second code with the cause, or ''
   * @param isUndecided - whether a requested change may have been carried out, or still may be
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail = '',
    readonly isUndecided = false
  ) {
    super(message);
  }

  /** Whether the server does not have our extension, or does not allow its use. */
  get isAbsent(): boolean {
    return this.status === 404 || this.status === 403;
  }
}

/** Whether the proxy or the server answered that nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  const { status, code } = error as Partial<ApiError>;
  return status === 401 || status === 403 || code === REDIRECTED;
}

export class Api {
  /**
   * @param settings - connection to the server, which kernels also use, so that it works behind the same proxies
   * @param timeoutMs - timeout of a request in milliseconds
   */
  constructor(
    readonly settings: ServerConnection.ISettings,
    private readonly timeoutMs = API_TIMEOUT_MS
  ) {}

  /**
   * Get the state document with current losses.
   *
   * @param tab - id of a tab that is about to connect: from now on the server waits for it
   */
  state(tab?: string): Promise<IState> {
    return this.request('GET', 'state', undefined, tab);
  }

  /**
   * Request a restart.
   *
   * @param request - the restart
   * @param tab - id of the tab: the server waits for its report, even if it is not connected
   */
  restart(request: IRestartRequest, tab: string): Promise<IState> {
    return this.request('POST', 'restart', request, tab);
  }

  /** Cancel a running restart, or acknowledge one that has ended. */
  dismissRestart(): Promise<IState> {
    return this.request('DELETE', 'restart');
  }

  /** Place a hold with an end (ISO 8601 in UTC), a reason, and the name of the person. */
  hold(until: string, reason: string, by: string): Promise<IState> {
    return this.request('PUT', 'hold', { until, reason, by });
  }

  /** Release the hold. */
  release(): Promise<IState> {
    return this.request('DELETE', 'hold');
  }

  /** Postpone the reminder. */
  defer(): Promise<IState> {
    return this.request('PUT', 'deferral', {});
  }

  /** Choose which files outside the volume are kept, by their ids. */
  keepFiles(files: string[]): Promise<IState> {
    return this.request('PUT', 'restore', { files });
  }

  /** Reinstall the packages that the user installed. */
  reinstallPackages(): Promise<IState> {
    return this.request('PUT', 'packages', {});
  }

  /** Set whether packages are reinstalled automatically after each restart. Starts nothing now. */
  setAutomaticReinstall(automatic: boolean): Promise<IState> {
    return this.request('PATCH', 'packages', { automatic });
  }

  /** Cancel the installation, or dismiss the packages. */
  cancelReinstall(): Promise<IState> {
    return this.request('DELETE', 'packages');
  }

  /**
   * Send a message of a tab without a WebSocket.
   *
   * @param tab - id of the tab, also in the message, because a proxy may strip our header
   * @returns the HTTP status
   */
  async send(message: TabMessage, tab: string): Promise<number> {
    const { response } = await (message.type === 'bye'
      ? this.fetchJson('DELETE', 'page', undefined, tab)
      : this.fetchJson('PUT', 'page', { ...message, tab }, tab));
    return response.status;
  }

  /** Open the WebSocket of this tab, with a token under the same condition as JupyterLab's event socket. */
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
    const { status } = response;
    const isChange = method !== 'GET';
    if (!response.ok) {
      const { code, message, detail } = (data ?? {}) as Record<string, unknown>;
      throw new ApiError(
        status,
        typeof code === 'string' ? code : response.type === 'opaqueredirect' ? REDIRECTED : '',
        typeof message === 'string' ? message : `HTTP ${status}`,
        typeof detail === 'string' ? detail : '',
        isChange && status >= 500 && typeof code !== 'string' // of a proxy, which may have passed the request on
      );
    }
    if (!isState(data)) {
      // The proxy of a stopped instance may respond 200 with its own page.
      throw new ApiError(status, '', 'not a state document', '', isChange);
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
            redirect: 'manual',
            keepalive: method === 'DELETE', // send the last request even after the page has closed
            // A page of another origin cannot send this header, unless our server allows it.
            headers: { 'X-Nb-Updater': tab },
            ...(body === undefined ? {} : { body: JSON.stringify(body) })
          },
          this.settings
        );
        return { response, data: parsed(await response.text()) };
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ApiError(0, 'unreachable', message, '', method !== 'GET');
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

/** Check whether a response has the parts of a state document that a tab depends on. */
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
