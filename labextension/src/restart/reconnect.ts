/**
 * This tab while the server is away on purpose: no error of JupyterLab's own, and a question every so often whether
 * the new server answers.
 */
import type { JupyterLab } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';

import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { ITabReport } from '../server/protocol';

/** Milliseconds from one question to the next; short, because each answer ends someone's wait. */
const RECONNECT_POLL_MS = 1500;

export class Reconnect implements IDisposable {
  /**
   * @param info - JupyterLab pauses its polls and its "Server Connection Error" while `isConnected` is false, which is
   * what the flag is for (`@jupyterlab/services`, connectionstatus); `null` where a page has none
   */
  constructor(
    private readonly api: Api,
    private readonly model: UpdateModel,
    private readonly info: JupyterLab.IInfo | null,
    private readonly interval = RECONNECT_POLL_MS
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.stop();
  }

  /** Be away exactly as long as the model says so. */
  update(): void {
    const { isAway, isReplaced } = this.model;
    if (isAway && !isReplaced) {
      this.start();
    } else {
      this.stop();
    }
  }

  private start(): void {
    if (!this._isPolling && !this._isDisposed) {
      this._isPolling = true;
      this.setConnected(false);
      this.poll();
    }
  }

  private stop(): void {
    if (this._isPolling) {
      this._isPolling = false;
      clearTimeout(this._timer);
      this.setConnected(true);
    }
  }

  /** A proxy answers for a stopped instance with 400, 404, 502 or a page of its own: none of them ends the asking. */
  private poll(): void {
    this._timer = setTimeout(() => {
      this.api
        .state()
        .then(state => {
          this.model.update(state);
        })
        .catch(() => undefined)
        .finally(() => {
          if (this._isPolling) {
            this.poll();
          }
        });
    }, this.interval);
  }

  private setConnected(connected: boolean): void {
    if (this.info && 'isConnected' in this.info) {
      this.info.isConnected = connected;
    }
  }

  private _isPolling = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

export interface IReloadActions {
  /** Whether anything in this tab is not saved. */
  isDirty: () => boolean;
  /** Save every document of this tab and prove it. */
  save: () => Promise<ITabReport>;
  /** Let go of what is proven in a rescue copy. */
  discardRescued: () => void;
  reload: () => void;
  /** Let the person look before the page is loaded again. */
  askForReload: () => void;
}

/** What is on the volume, in its file or beside it. */
const SAFE_OUTCOMES = new Set(['clean', 'saved', 'rescued']);

/**
 * Load the page again, which is the honest reconnect: its kernels and terminals are gone.
 *
 * A kernel may have written output after the documents were saved. That is saved now, to the new server; only what
 * cannot be is left to the person.
 */
export async function reloadWhenSafe(home: IReloadActions): Promise<void> {
  const isSafe = async () => {
    if (!home.isDirty()) {
      return true;
    }
    const { documents, elsewhere } = await home.save();
    if (elsewhere.length > 0 || !documents.every(({ outcome }) => SAFE_OUTCOMES.has(outcome))) {
      return false;
    }
    home.discardRescued();
    return !home.isDirty();
  };
  if (await isSafe().catch(() => false)) {
    home.reload();
  } else {
    home.askForReload();
  }
}
