/**
 * Sizes of files and of memory.
 */
import type { Language } from '../i18n';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** A size, e.g. "3.4 GB". */
export function bytes({ locale }: Language, count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const options = { style: 'unit', unit: UNITS[power], maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, options).format(count / 1000 ** power);
}
