/**
 * Keep this tab connected: get the state, open the WebSocket, and start over when it closes.
 *
 * The server knows a tab by its open socket, so it stays open as long as the page.
 */
import type { IDisposable } from '@lumino/disposable';

import { CHANNEL_TIMING } from '../constants';
import { ApiError, isState } from './api';
import type { Api } from './api';
import type { UpdateModel } from './model';
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
    let delay = this.timing.firstDelayMs;
    while (!this._isDisposed) {
      try {
        // First, because a refused WebSocket gives no reason. While the server is away the tab gives no id, because the page
        // will reload as another tab.
        const tab = this.model.isAway ? undefined : this.model.tab;
        this.model.update(await this.api.state(tab));
        if (await this.session()) {
          delay = this.timing.firstDelayMs;
        }
      } catch (error) {
        if (error instanceof ApiError && error.isAbsent && !this.model.state) {
          delay = this.timing.absentDelayMs;
        }
      }
      await this.pause(delay);
      delay = Math.min(delay * 2, Math.max(this.timing.maxDelayMs, delay));
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
    // A socket that is not open yet will send all of this in its opening messages, except `bye`.
    if (this._socket?.readyState === 1) {
      this._socket.send(JSON.stringify(message));
    } else if (message.type === 'bye') {
      void this.api.sayBye(this.model.tab);
    }
  };

  private _isDisposed = false;
  private _socket: WebSocket | null = null;
  private _wake: () => void = () => undefined;
}
