/**
 * The surfaces on their way: what is loaded right after the page. They are asked for until they come, before they are
 * needed: later there may be no server to bring them.
 */
import type { IDisposable } from '@lumino/disposable';

/** What is loaded right after the page. */
export type Ui = typeof import('./index');

/** Milliseconds until surfaces that did not come are asked for again. */
const LAZY_UI_RETRY_MS = 5000;

export class LazyUi implements IDisposable {
  /** @param importUi - bring them */
  constructor(private readonly importUi: () => Promise<Ui>) {}

  /** The surfaces, once they are here. */
  readonly loaded = new Promise<Ui>(resolve => {
    this._resolveLoaded = resolve;
  });

  /** The surfaces, if they are here. */
  get current(): Ui | null {
    return this._current;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
  }

  /** Ask for them once. */
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
   * Ask for them until they are here.
   * @returns whether this call has waited for them to its end; not so if another one does
   */
  async retry(): Promise<boolean> {
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

  private _resolveLoaded!: (surfaces: Ui) => void;
  private _current: Ui | null = null;
  private _isRetrying = false;
  private _isDisposed = false;
}
