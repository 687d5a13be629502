/**
 * What the quiet item in the status bar says.
 */
import type { Language } from '../i18n';
import { holdAt } from '../protocol';
import type { IState } from '../protocol';
import { levelWord } from './banner';
import { advisoryCount } from './evidence';

/**
 * A few words, and whether they are a warning.
 *
 * @param now - the clock that advice goes by, in milliseconds since the epoch
 */
export function itemWords(language: Language, state: IState, now: number): [string, boolean] {
  const { trans } = language;
  const { level, deferral, answered, signals, plan } = state.advice;
  const hold = holdAt(state, now);
  if (hold) {
    return [trans.__('Held until %1', near(language, hold.until, now)), false];
  }
  if (deferral) {
    const until = near(language, deferral.until, now);
    const isToday = until === language.time(deferral.until);
    return [isToday ? trans.__('Remind at %1', until) : trans.__('Remind on %1', until), false];
  }
  if (answered.length > 0) {
    return [trans.__('A restart changed nothing'), true];
  }
  const grave = signals.find(({ state, advisories }) => state === 'due' && advisories.length > 0);
  if (grave) {
    return [advisoryCount(language, grave), true];
  }
  if (level === 'unknown') {
    return [trans.__('Updates not known'), true];
  }
  const from = plan.find(({ code }) => code === 'advised');
  return [
    from
      ? trans.__('Restart advised from %1', near(language, from.at, now))
      : levelWord(language, level),
    false
  ];
}

/** A time of today, or else only the day, e.g. "Dec 12". */
function near(language: Language, iso: string, now: number): string {
  const today = new Intl.DateTimeFormat('en-CA'); // one that compares
  const isToday = today.format(Date.parse(iso)) === today.format(now);
  return isToday ? language.time(iso) : language.shortDate(iso);
}
