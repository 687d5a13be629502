/**
 * The surfaces on their way: what is loaded right after the page. They are asked for until they come, before they are
 * needed: later there may be no server to bring them.
 */
import type { IDisposable } from '@lumino/disposable';

/** What is loaded right after the page. */
export type Surfaces = typeof import('./surfaces');

/** Milliseconds until surfaces that did not come are asked for again. */
const AGAIN = 5000;

export class Arrival implements IDisposable {
  /** @param load - bring them */
  constructor(private readonly load: () => Promise<Surfaces>) {}

  /** The surfaces, once they are here. */
  readonly surfaces = new Promise<Surfaces>(resolve => {
    this._came = resolve;
  });

  /** The surfaces, if they are here. */
  get here(): Surfaces | null {
    return this._here;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
  }

  /** Ask for them once. */
  async bring(): Promise<Surfaces | null> {
    try {
      this._here ??= await this.load();
    } catch {
      return null;
    }
    this._came(this._here);
    return this._here;
  }

  /**
   * Ask for them until they are here.
   * @returns whether this call has waited for them to its end; not so if another one does
   */
  async wait(): Promise<boolean> {
    if (this._isWaiting) {
      return false;
    }
    this._isWaiting = true;
    while (!this._isDisposed && !(await this.bring())) {
      await new Promise(resolve => setTimeout(resolve, AGAIN));
    }
    this._isWaiting = false;
    return true;
  }

  private _came!: (surfaces: Surfaces) => void;
  private _here: Surfaces | null = null;
  private _isWaiting = false;
  private _isDisposed = false;
}
