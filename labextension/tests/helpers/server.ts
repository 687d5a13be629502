/**
 * A server in memory with the routes, the WebSocket and the contents API, used through `ServerConnection` settings like the
 * real one.
 */
import { ServerConnection } from '@jupyterlab/services';

import type { IState, TabMessage } from '../../src/server/protocol';
import { FakeContents } from './contents';
import { state } from './states';

/** A WebSocket that a tab opened, and the messages that it sent. */
export class FakeSocket {
  constructor(private readonly server: Server) {
    server.sockets.push(this);
    queueMicrotask(() => {
      if (server.channelIsUp) {
        this.readyState = 1;
        this.onopen?.();
        this.push(server.state);
      } else {
        this.close();
      }
    });
  }

  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly received: TabMessage[] = [];

  send(data: string): void {
    this.received.push(JSON.parse(data) as TabMessage);
    this.server.received.push(JSON.parse(data) as TabMessage);
  }

  push(pushed: IState): void {
    this.onmessage?.({ data: JSON.stringify({ type: 'state', state: pushed }) });
  }

  close(): void {
    if (this.readyState !== 3) {
      this.readyState = 3;
      this.onclose?.();
    }
  }
}

export class Server extends FakeContents {
  state: IState = state();
  channelIsUp = true;
  readonly sockets: FakeSocket[] = [];
  readonly received: TabMessage[] = [];
  /** Requests to our own routes. */
  readonly requests: { method: string; path: string; body: unknown }[] = [];
  /** Response to all requests to our routes, like that of a proxy for a stopped instance. */
  answerInstead: { status: number; body: string } | null = null;
  /** Whether every request is redirected to a page of another origin. */
  redirects = false;
  /** Status of the response to the messages of a tab without a WebSocket. */
  pageStatus = 200;
  /** Response to `POST restart` instead of a state. */
  restartError: { status: number; body: string } | null = null;

  /** Connection settings for the page. */
  get settings(): ServerConnection.ISettings {
    const socket = (): FakeSocket => new FakeSocket(this);
    return ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      wsUrl: 'ws://localhost/',
      fetch: (request: RequestInfo | URL) => this.fetch(request as Request),
      // `new` with a function that returns an object returns that object.
      WebSocket: function () {
        return socket();
      } as unknown as typeof WebSocket
    });
  }

  /** The newest open WebSocket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) {
      throw new Error('no tab has opened a channel');
    }
    return socket;
  }

  /** Change the state, and push it as a new revision. */
  push(over: Partial<IState>): void {
    this.state = { ...this.state, ...over, revision: this.state.revision + 1 };
    for (const socket of this.sockets.filter(({ readyState }) => readyState === 1)) {
      socket.push(this.state);
    }
  }

  private async fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.slice(1);
    if (path.startsWith('api/contents/')) {
      return this.answer(request);
    }
    const body =
      request.method === 'GET' ? null : ((await request.json().catch(() => null)) as unknown);
    this.requests.push({ method: request.method, path, body });
    const instead = path.endsWith('restart')
      ? (this.restartError ?? this.answerInstead)
      : this.answerInstead;
    if (this.redirects) {
      // What `fetch` returns for a redirection that it was told not to follow.
      const answer = Response.error();
      return request.redirect === 'manual'
        ? Object.defineProperty(answer, 'type', { value: 'opaqueredirect' })
        : Promise.reject(new TypeError('Failed to fetch'));
    }
    if (path.endsWith('page') && this.pageStatus !== 200) {
      return new Response('{"code": "foreign-origin"}', { status: this.pageStatus });
    }
    return instead
      ? new Response(instead.body, { status: instead.status })
      : Response.json(this.state);
  }
}

/** Wait until all pending work without timers is done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
