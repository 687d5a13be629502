/**
 * Which dialog a state asks a tab to show. Pure.
 */
import { isRunning } from './protocol';
import type { IState } from './protocol';

/** What a state asks a tab to show, and which restart it is about. */
export interface IView {
  kind: 'none' | 'running' | 'refused' | 'restarted';
  id: string;
}

/** No dialog. */
export const NOTHING: IView = { kind: 'none', id: '' };

/**
 * What a tab shows for a state.
 *
 * @param isReplaced - another server answers than the one that this page belongs to
 */
export function viewOf(state: IState | null, isReplaced: boolean): IView {
  if (!state) {
    return NOTHING;
  }
  const { phase, id } = state.restart;
  if (isReplaced || isRunning(phase)) {
    return { kind: 'running', id: '' };
  }
  if (phase === 'refused' || phase === 'failed') {
    return { kind: 'refused', id: id ?? '' };
  }
  return state.outcome ? { kind: 'restarted', id: state.outcome.id } : NOTHING;
}
