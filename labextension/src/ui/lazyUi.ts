/**
 * Load the user interface right after the page, and again until that succeeds. It is loaded before it is needed: later
 * there may be no server to load it from.
 */
import type { IDisposable } from '@lumino/disposable';

import { LAZY_UI_RETRY_MS } from '../constants';

/** All dialogs and widgets. */
export type Ui = typeof import('./index');

export class LazyUi implements IDisposable {
  /** @param importUi - imports the user interface; rejects when the server does not answer */
  constructor(private readonly importUi: () => Promise<Ui>) {}

  /** Resolves when the user interface is loaded. */
  readonly loaded = new Promise<Ui>(resolve => {
    this._resolveLoaded = resolve;
  });

  /** The user interface; `null` until it is loaded. */
  get current(): Ui | null {
    return this._current;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
  }

  /** Try to load it once; `null` when that fails. */
  async load(): Promise<Ui | null> {
    try {
      this._current ??= await this.importUi();
    } catch {
      return null;
    }
    this._resolveLoaded(this._current);
    return this._current;
  }

  /**
   * Try to load it until that succeeds.
   *
   * @returns `false` at once when another call is trying already
   */
  async loadWithRetries(): Promise<boolean> {
    if (this._isRetrying) {
      return false;
    }
    this._isRetrying = true;
    while (!this._isDisposed && !(await this.load())) {
      await new Promise(resolve => setTimeout(resolve, LAZY_UI_RETRY_MS));
    }
    this._isRetrying = false;
    return true;
  }

  private _resolveLoaded!: (ui: Ui) => void;
  private _current: Ui | null = null;
  private _isRetrying = false;
  private _isDisposed = false;
}

/** The user interface of this page, in a file of its own. */
export const lazyUi = new LazyUi(async () => {
  const ui = await import(/* webpackChunkName: "dialogs" */ './index');
  await ui.loadStyles();
  return ui;
});
