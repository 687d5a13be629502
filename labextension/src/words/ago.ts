/**
 * How long ago something was.
 */
import type { Language } from '../i18n';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60]
];

/** In the unit that fits, e.g. "5 minutes ago"; '' when it never was. What is yet to come was just now. */
export function ago({ locale }: Language, iso: string | null, now: number): string {
  const seconds = (now - Date.parse(iso ?? '')) / 1000;
  if (Number.isNaN(seconds)) {
    return '';
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const [unit, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ['minute', 60];
  return seconds < 60
    ? format.format(0, 'second')
    : format.format(-Math.floor(seconds / size), unit);
}
