/**
 * Choose how prominently advice is shown: not at all, in the status bar, in the banner, with a countdown.
 */
import { holdAt } from '../server/protocol';
import type { IAdvice, IState } from '../server/protocol';

export type DisplayStage = IAdvice['stage'];

/**
 * Choose where advice is shown.
 *
 * The server sends a stage, and evaluates it again only after minutes: a reminder and a hold end here by themselves.
 *
 * @param now - the time that advice goes by, in milliseconds since the epoch
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

/** The stage of a level once a reminder or a hold has ended. */
const AFTER_DEFERRAL: Partial<Record<string, DisplayStage>> = {
  advised: 'banner',
  due: 'countdown',
  overdue: 'countdown'
};
