/**
 * How long there is still time, and when something may happen without a click.
 */
import type { Language } from '../i18n';
import type { IWindow } from '../protocol';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time that is left, to the minute and never less than one; '' when there is none. */
export function timeLeft({ trans }: Language, left: number): string {
  if (!(left > 0)) {
    return '';
  }
  if (left >= 2 * DAY) {
    return trans.__('%1 days left', Math.floor(left / DAY));
  }
  const minutes = Math.ceil(left / MINUTE);
  return minutes >= 60
    ? trans.__('%1 h %2 min left', Math.floor(minutes / 60), minutes % 60)
    : trans.__('%1 min left', minutes);
}

/** For how long a reminder puts it off; the server has the same tiers. Never past the deadline. */
export function remindIn({ trans }: Language, left: number): string {
  if (left < HOUR) {
    return trans.__('Until the deadline');
  }
  return left < DAY
    ? trans.__('For an hour')
    : left < 3 * DAY
      ? trans.__('For 4 hours')
      : trans.__('For a day');
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const A_MONDAY = Date.UTC(2024, 0, 1);

/** The hours of a window, e.g. "Sat 22:00–04:00 Europe/Berlin". */
export function windowHours(language: Language, { days, from, to, timezone }: IWindow): string {
  const options = { weekday: 'short', timeZone: 'UTC' } as const;
  const names = days.map(day => language.format(A_MONDAY + WEEK.indexOf(day) * DAY, options));
  const which = days.length < 7 ? `${names.join(', ')} ` : '';
  return `${which}${from}–${to} ${timezone}`;
}

/** That nobody needs to click any more. */
export function byItself(language: Language, window: IWindow | null | undefined): string {
  const { trans } = language;
  return window
    ? trans.__(
        'It restarts by itself in the window (%1) as soon as nothing runs.',
        windowHours(language, window)
      )
    : trans.__('It restarts by itself as soon as nothing runs.');
}
