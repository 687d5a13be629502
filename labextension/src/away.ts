/**
 * This tab while the server is away on purpose: no error of JupyterLab's own, and a question every so often whether
 * the new server answers.
 */
import type { JupyterLab } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';

import type { Api } from './api';
import type { UpdateModel } from './model';

/** Milliseconds from one question to the next; short, because each answer ends someone's wait. */
const INTERVAL = 1500;

export class Away implements IDisposable {
  /**
   * @param info - JupyterLab pauses its polls and its "Server Connection Error" while `isConnected` is false, which is
   * what the flag is for (`@jupyterlab/services`, connectionstatus); `null` where a page has none
   */
  constructor(
    private readonly api: Api,
    private readonly model: UpdateModel,
    private readonly info: JupyterLab.IInfo | null,
    private readonly interval = INTERVAL
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.end();
  }

  /** Be away exactly as long as the model says so. */
  follow(): void {
    const { isAway, isReplaced } = this.model;
    if (isAway && !isReplaced) {
      this.begin();
    } else {
      this.end();
    }
  }

  private begin(): void {
    if (!this._asking && !this._isDisposed) {
      this._asking = true;
      this.setConnected(false);
      this.ask();
    }
  }

  private end(): void {
    if (this._asking) {
      this._asking = false;
      clearTimeout(this._timer);
      this.setConnected(true);
    }
  }

  /** A proxy answers for a stopped instance with 400, 404, 502 or a page of its own: none of them ends the asking. */
  private ask(): void {
    this._timer = setTimeout(() => {
      this.api
        .state()
        .then(state => {
          this.model.update(state);
        })
        .catch(() => undefined)
        .finally(() => {
          if (this._asking) {
            this.ask();
          }
        });
    }, this.interval);
  }

  private setConnected(connected: boolean): void {
    if (this.info && 'isConnected' in this.info) {
      this.info.isConnected = connected;
    }
  }

  private _asking = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
