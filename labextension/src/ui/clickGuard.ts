/**
 * Ignore clicks on what has just appeared under somebody's mouse: they were meant for what was there before.
 */
import { CLICK_GUARD_MS } from '../constants';

/** Run something after so many milliseconds. */
export type Timer = (work: () => void, milliseconds: number) => void;

export class ClickGuard {
  /**
   * @param changed - called when the guard begins and when it ends
   * @param timer - the browser's own, unless a test has another
   */
  constructor(
    private readonly changed: () => void,
    private readonly timer: Timer = (work, milliseconds) => void setTimeout(work, milliseconds)
  ) {}

  /** Whether a click counts now. */
  get allowsClicks(): boolean {
    return this._allowsClicks;
  }

  /** Ignore clicks from now on, for a while. */
  restart(): void {
    const turn = ++this._turn;
    this._allowsClicks = false;
    this.changed();
    this.timer(() => {
      if (turn === this._turn) {
        this._allowsClicks = true;
        this.changed();
      }
    }, CLICK_GUARD_MS);
  }

  private _allowsClicks = false;
  private _turn = 0;
}
