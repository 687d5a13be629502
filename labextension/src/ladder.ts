/**
 * How loudly it is said: nothing, a quiet item in the status bar, the banner, the banner with a countdown. Pure.
 */
import { holdAt } from './protocol';
import type { IAdvice, IState } from './protocol';

export type Rung = IAdvice['stage'];

/**
 * Where something is said.
 *
 * The server says how loudly, and looks again only after minutes: a reminder and a hold end here by themselves.
 *
 * @param now - the clock that advice goes by, in milliseconds since the epoch
 * @param hasBar - whether the page has a status bar; without one a held instance keeps its banner, or nobody could end that
 */
export function rungOf(state: IState | null, now: number, hasBar: boolean): Rung {
  if (!state) {
    return 'none';
  }
  const { stage, level, deferral } = state.advice;
  if (state.restart.phase === 'waiting') {
    return 'banner';
  }
  if (stage !== 'quiet') {
    return stage;
  }
  const hold = holdAt(state, now);
  if (!hold && (state.hold ?? (deferral && Date.parse(deferral.until) <= now))) {
    return OVER[level] ?? 'none';
  }
  return hasBar ? 'quiet' : hold ? 'banner' : 'none';
}

/** What is said when a reminder or a hold has come to its end. */
const OVER: Partial<Record<string, Rung>> = {
  advised: 'banner',
  due: 'countdown',
  overdue: 'countdown'
};
