/**
 * Guide a tab through the time without a server: suppress JupyterLab's errors, poll for the new server, and reload without
 * losing anything.
 */
import type { JupyterLab } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';

import { RECONNECT_POLL_MS } from '../constants';
import { isSignedOut } from '../server/api';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { ITabReport } from '../server/protocol';

/** Poll for the new server while the old one is stopped as requested. */
export class Reconnect implements IDisposable {
  /**
   * @param api - calls the server
   * @param model - last state of the server
   * @param info - JupyterLab pauses its polls and its "Server Connection Error" while `isConnected` is false
   *   (`@jupyterlab/services`, connectionstatus); `null` if the page has none
   * @param pollMs - interval between two requests in milliseconds
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

  /** Start or stop polling, depending on whether the server is away. */
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

  /**
   * Poll until stopped. The proxy of a stopped instance responds 400, 404, 502 or with its own page, which all continue it; an
   * answer that nobody is signed in is shown.
   */
  private poll(): void {
    this._timer = setTimeout(() => {
      this.api
        .state()
        .then(
          state => {
            this.model.setProblem('');
            this.model.update(state);
          },
          (error: unknown) => {
            this.model.setProblem(isSignedOut(error) ? 'signed-out' : '');
          }
        )
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

/** Actions of a tab when the new server responds. */
export interface IReloadActions {
  /** Check whether this tab has unsaved changes. */
  isDirty: () => boolean;
  /** Save and verify every document of this tab. */
  save: () => Promise<ITabReport>;
  /** Clear the dirty flag of documents with a verified rescue copy. */
  discardRescued: () => void;
  reload: () => void;
  /** Ask the user to check before the page reloads. */
  askForReload: () => void;
}

/** Outcomes with which a document is on the volume, in its file or in a rescue copy. */
const SAFE_OUTCOMES = new Set(['clean', 'saved', 'rescued']);

/**
 * Reload the page, because its kernels and terminals no longer exist.
 *
 * A kernel may have written output after the documents were saved, which is saved to the new server now; if that fails, the
 * user decides.
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
