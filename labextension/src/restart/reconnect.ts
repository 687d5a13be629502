/**
 * Bring a tab through the time without a server: no error of JupyterLab's own, a request every so often whether the new
 * server answers, and then a reload that loses nothing.
 */
import type { JupyterLab } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';

import { RECONNECT_POLL_MS } from '../constants';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { ITabReport } from '../server/protocol';

/** Poll for the new server while the old one is away on purpose. */
export class Reconnect implements IDisposable {
  /**
   * @param api - the server
   * @param model - what this tab knows
   * @param info - JupyterLab pauses its polls and its "Server Connection Error" while `isConnected` is false, which is
   *   what the flag is for (`@jupyterlab/services`, connectionstatus); `null` where a page has none
   * @param pollMs - milliseconds between two requests
   */
  constructor(
    private readonly api: Api,
    private readonly model: UpdateModel,
    private readonly info: JupyterLab.IInfo | null,
    private readonly pollMs = RECONNECT_POLL_MS
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.stop();
  }

  /** Poll exactly as long as the model says that the server is away. */
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

  /** A proxy answers for a stopped instance with 400, 404, 502 or a page of its own: none of them ends the polling. */
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
    }, this.pollMs);
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

/** What a tab can do when the new server answers. */
export interface IReloadActions {
  /** Whether anything in this tab is not saved. */
  isDirty: () => boolean;
  /** Save every document of this tab and prove it. */
  save: () => Promise<ITabReport>;
  /** Clear the dirty flag of documents whose content is proven in a rescue copy. */
  discardRescued: () => void;
  reload: () => void;
  /** Ask somebody to look before the page is loaded again. */
  askForReload: () => void;
}

/** The outcomes with which a document is on the volume, in its file or beside it. */
const SAFE_OUTCOMES = new Set(['clean', 'saved', 'rescued']);

/**
 * Load the page again, which is the honest reconnect: its kernels and terminals are gone.
 *
 * A kernel may have written output after the documents were saved. That is saved now, to the new server; only what
 * cannot be saved is left to a person.
 */
export async function reloadWhenSafe(actions: IReloadActions): Promise<void> {
  const isSafe = async () => {
    if (!actions.isDirty()) {
      return true;
    }
    const { documents, unsaved_widgets } = await actions.save();
    if (
      unsaved_widgets.length > 0 ||
      !documents.every(({ outcome }) => SAFE_OUTCOMES.has(outcome))
    ) {
      return false;
    }
    actions.discardRescued();
    return !actions.isDirty();
  };
  if (await isSafe().catch(() => false)) {
    actions.reload();
  } else {
    actions.askForReload();
  }
}
