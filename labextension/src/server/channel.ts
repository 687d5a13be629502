/**
 * Keep this tab connected: get the state, open the WebSocket, and start over when it closes.
 *
 * The server knows a tab by its open socket, so it stays open as long as the page. Where the server answers and no socket opens,
 * this tab polls, and sends its messages as requests.
 */
import type { IDisposable } from '@lumino/disposable';

import { CHANNEL_TIMING } from '../constants';
import { ApiError, isState } from './api';
import type { Api } from './api';
import type { UpdateModel } from './model';
import { isCancellable } from './protocol';
import type { TabMessage } from './protocol';

export class Channel implements IDisposable {
  constructor(
    private readonly api: Api,
    private readonly model: UpdateModel,
    private readonly timing: Readonly<Record<keyof typeof CHANNEL_TIMING, number>> = CHANNEL_TIMING
  ) {
    this.model.outgoing.connect(this._send);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.model.outgoing.disconnect(this._send);
    this._socket?.close();
    this._wake();
  }

  /** Stay connected until disposed; never throws. */
  async run(): Promise<void> {
    const { firstDelayMs, pollDelayMs, maxDelayMs, absentDelayMs } = this.timing;
    let delay = firstDelayMs;
    let failures = 0;
    while (!this._isDisposed) {
      let maxDelay = maxDelayMs;
      try {
        // First, because a refused WebSocket gives no reason. While the server is away the tab gives no id, because the page
        // will reload as another tab.
        const tab = this.model.isAway ? undefined : this.model.tab;
        this.model.update(await this.api.state(tab));
        const isOpened = await this.session();
        failures = isOpened ? 0 : failures + 1;
        if (!isOpened) {
          await this.sendOpening(failures > 1);
        }
        if (isOpened || isCancellable(this.model.state?.restart.phase ?? '')) {
          delay = firstDelayMs; // without a socket, a tab sees only those phases of a restart that it asks for
        }
        maxDelay = pollDelayMs;
      } catch (error) {
        if (error instanceof ApiError && error.isAbsent && !this.model.state) {
          delay = maxDelay = absentDelayMs;
        }
      }
      await this.pause(Math.min(delay, maxDelay));
      delay = Math.min(delay * 2, maxDelay);
    }
  }

  /**
   * Send as requests what a socket would send first.
   *
   * @param isKnown - whether a socket has failed to open before: then the user sees that there is none
   */
  private async sendOpening(isKnown: boolean): Promise<void> {
    for (const message of this.model.openingMessages()) {
      const status = await this.api.send(message, this.model.tab);
      if (isKnown) {
        this.model.setProblem(status === 403 ? 'refused' : 'polling');
      }
    }
  }

  /** Keep a WebSocket open until it closes; return whether it was ever open. */
  private session(): Promise<boolean> {
    return new Promise(resolve => {
      let opened = false;
      const socket = this.api.openChannel();
      this._socket = socket;
      const timer = setTimeout(() => {
        socket.close();
      }, this.timing.openTimeoutMs);
      socket.onopen = () => {
        clearTimeout(timer);
        opened = true;
        this.model.setConnected(true);
        this.model.openingMessages().forEach(message => {
          this._send(this.model, message);
        });
      };
      socket.onmessage = (event: MessageEvent) => {
        this.receive(event.data);
      };
      socket.onclose = () => {
        clearTimeout(timer);
        this._socket = null;
        this.model.setConnected(false);
        resolve(opened);
      };
    });
  }

  private receive(data: unknown): void {
    let message: { type?: unknown; state?: unknown };
    try {
      message = JSON.parse(String(data)) as typeof message;
    } catch {
      return; // not one of our messages
    }
    if (message.type === 'state' && isState(message.state)) {
      this.model.update(message.state);
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this._wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private readonly _send = (_: UpdateModel, message: TabMessage): void => {
    // The opening messages will have all of this, except `bye`.
    if (this._socket?.readyState === 1) {
      this._socket.send(JSON.stringify(message));
    } else if (this.model.problem || message.type === 'bye') {
      this.api.send(message, this.model.tab).catch(() => undefined); // sent again with the next opening messages
    }
  };

  private _isDisposed = false;
  private _socket: WebSocket | null = null;
  private _wake: () => void = () => undefined;
}
