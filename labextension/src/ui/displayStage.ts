/**
 * How loudly it is said: nothing, a quiet item in the status bar, the banner, the banner with a countdown. Pure.
 */
import { holdAt } from '../server/protocol';
import type { IAdvice, IState } from '../server/protocol';

export type DisplayStage = IAdvice['stage'];

/**
 * Where something is said.
 *
 * The server says how loudly, and looks again only after minutes: a reminder and a hold end here by themselves.
 *
 * @param now - the clock that advice goes by, in milliseconds since the epoch
 * @param hasBar - whether the page has a status bar; without one a held instance keeps its banner, or nobody could end that
 */
export function displayStage(state: IState | null, now: number, hasBar: boolean): DisplayStage {
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
    return AFTER_DEFERRAL[level] ?? 'none';
  }
  return hasBar ? 'quiet' : hold ? 'banner' : 'none';
}

/** What is said when a reminder or a hold has come to its end. */
const AFTER_DEFERRAL: Partial<Record<string, DisplayStage>> = {
  advised: 'banner',
  due: 'countdown',
  overdue: 'countdown'
};
