/**
 * What has just come under somebody's mouse does nothing for a moment: the click was meant for what was there before.
 */

/** Does something after so many milliseconds. */
export type Timer = (work: () => void, milliseconds: number) => void;

const CLICK_GUARD_MS = 1500;

export class ClickGuard {
  /**
   * @param changed - told when it begins and when it is over
   * @param timer - the browser's own, unless a test has another
   */
  constructor(
    private readonly changed: () => void,
    private readonly timer: Timer = (work, milliseconds) => void setTimeout(work, milliseconds)
  ) {}

  /** Whether a click counts. */
  get allowsClicks(): boolean {
    return this._isArmed;
  }

  /** It is new from now on. */
  restart(): void {
    const turn = ++this._turn;
    this._isArmed = false;
    this.changed();
    this.timer(() => {
      if (turn === this._turn) {
        this._isArmed = true;
        this.changed();
      }
    }, CLICK_GUARD_MS);
  }

  private _isArmed = false;
  private _turn = 0;
}
