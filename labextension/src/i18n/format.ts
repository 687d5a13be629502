/**
 * Format ages, sizes, versions, remaining times and windows.
 */
import type { IWindow } from '../server/protocol';
import type { Language } from './language';

const AGO_UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60]
];

/** Format how long ago something was, in the unit that fits, e.g. "5 minutes ago"; '' when it never was. A time in the future counts as now. */
export function ago({ locale }: Language, iso: string | null, now: number): string {
  const seconds = (now - Date.parse(iso ?? '')) / 1000;
  if (Number.isNaN(seconds)) {
    return '';
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit, size] = AGO_UNITS.find(([, length]) => seconds >= 2 * length) ?? ['minute', 60];
  return seconds < 60
    ? format.format(0, 'second')
    : format.format(-Math.floor(seconds / size), unit);
}

/** Put facts about the same thing side by side; not for parts of a sentence. */
export function facts(all: readonly string[]): string {
  return all.filter(fact => fact !== '').join(' · ');
}

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** Format a size in bytes, e.g. "3.4 GB". */
export function bytes(language: Language, count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), SIZE_UNITS.length - 1);
  return language.quantity(count / 1000 ** power, SIZE_UNITS[power] ?? 'byte');
}

/** Names of products are not translated; the release of the operating system names itself. */
const COMPONENT_NAMES: Record<string, string> = {
  kernel: 'Linux kernel',
  python: 'Python',
  os_release: '',
  jupyterlab: 'JupyterLab',
  notebook: 'Notebook',
  jupyter_server: 'Jupyter Server',
  sagemaker: 'SageMaker Python SDK',
  platform: 'Platform'
};

/** Format a component and its version, e.g. "JupyterLab 4.6.6". */
export function componentVersion(name: string, version: string): string {
  return `${COMPONENT_NAMES[name] ?? name} ${version}`.trim();
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Format the remaining time, to the minute and never less than one; '' when there is none. */
export function timeLeft(language: Language, left: number): string {
  if (!(left > 0)) {
    return '';
  }
  const unit = left >= 2 * DAY_MS ? DAY_MS : MINUTE_MS;
  const whole = unit === DAY_MS ? Math.floor(left / unit) : Math.ceil(left / unit);
  const { trans } = language;
  return trans.__('%1 left', language.duration((whole * unit) / 1000));
}

/** Say for how long a reminder hides the banner. The server has the same tiers; never past the deadline. */
export function reminderDelay({ trans }: Language, left: number): string {
  if (left < HOUR_MS) {
    return trans.__('Hide until the deadline');
  }
  return left < DAY_MS
    ? trans.__('Hide for an hour')
    : left < 3 * DAY_MS
      ? trans.__('Hide for 4 hours')
      : trans.__('Hide for a day');
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const A_MONDAY = Date.UTC(2024, 0, 1);

/** Format a window, e.g. "Sat 22:00–04:00 Europe/Berlin". */
export function windowName(language: Language, { days, from, to, timezone }: IWindow): string {
  const { trans } = language;
  const options = { weekday: 'short', timeZone: 'UTC' } as const;
  const names = days.map(day =>
    language.format(A_MONDAY + WEEKDAYS.indexOf(day) * DAY_MS, options)
  );
  return days.length < 7
    ? trans.__('%1 %2–%3 %4', language.list(names, 'unit'), from, to, timezone) // weekdays, two times of the day, a time zone
    : trans.__('%1–%2 %3', from, to, timezone); // two times of the day, a time zone
}

/** Say when the instance restarts automatically. */
export function automaticRestart(language: Language, window: IWindow | null | undefined): string {
  const { trans } = language;
  return window
    ? trans.__(
        'This instance restarts automatically in its next restart window (%1), once it is idle and everything is saved. Idle kernels are lost.',
        windowName(language, window)
      )
    : trans.__(
        'This instance restarts automatically once it is idle and everything is saved. Idle kernels are lost.'
      );
}
