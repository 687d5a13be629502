/**
 * What is said after a restart.
 */
import type { Language } from '../i18n';
import type { IChange, IOutcome } from '../protocol';
import { component } from './components';

/** What came of the restart. */
export function outcomeSentence(language: Language, outcome: IOutcome): string {
  const { trans } = language;
  const took = outcome.seconds === null ? null : language.duration(outcome.seconds);
  switch (outcome.outcome) {
    case 'updated':
      return took
        ? trans.__('The notebook instance is back after %1, with updates.', took)
        : trans.__('The notebook instance is back, with updates.');
    case 'failed-to-return':
      return failedToReturn(language, outcome);
    default:
      return took
        ? trans.__('The notebook instance is back after %1. Nothing changed.', took)
        : trans.__('The notebook instance is back. Nothing changed.');
  }
}

/** When it was expected, and when it came. */
function failedToReturn(language: Language, { expected, returned }: IOutcome): string {
  const { trans } = language;
  const [by, at] = [language.dateTime(expected), language.dateTime(returned)];
  const what = trans.__('The instance did not come back by itself: someone else started it.');
  return by && at
    ? `${what} ${trans.__('It was expected by %1, and was back at %2.', by, at)}`
    : what;
}

/** One changed component: its name, and what it was and is, e.g. "JupyterLab 4.5.11 → 4.6.6". */
export function changeItem({ trans }: Language, change: IChange): string {
  const none = trans.__('none');
  return component(change.name, `${change.before ?? none} → ${change.after ?? none}`);
}
