/**
 * Translate text into the language of the page, and format dates, durations and lists in it.
 */
import { nullTranslator } from '@jupyterlab/translation';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { DOMAIN } from '../constants';

const LONG_DATE = { dateStyle: 'long' } as const;

/** The units of a duration, the largest first, and their lengths in seconds. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
] as const;

export class Language {
  constructor(translator: ITranslator | null) {
    this.trans = (translator ?? nullTranslator).load(DOMAIN);
    this.locale = localeOf(translator?.languageCode);
  }

  /** The catalog. The tool that extracts strings looks for this name. */
  readonly trans: TranslationBundle;

  /** A BCP 47 tag, or `undefined` for the browser's own. */
  readonly locale: string | undefined;

  /** Format a day, e.g. "January 18, 2027"; '' when there is none. */
  date(iso: string | null): string {
    return this.format(iso, LONG_DATE);
  }

  /** Format a day and a time; '' when there is none. */
  dateTime(iso: string | null): string {
    return this.format(iso, { dateStyle: 'medium', timeStyle: 'short' });
  }

  /** Format a time of the day. */
  time(iso: string | null): string {
    return this.format(iso, { timeStyle: 'short' });
  }

  /** Format a day without its year, e.g. "Dec 12". */
  shortDate(iso: string | null): string {
    return this.format(iso, { month: 'short', day: 'numeric' });
  }

  /**
   * Format a duration in its two largest units, e.g. "6 min 30 sec" or "2 days"; a negative one counts as zero.
   *
   * Use it alone or as a placeholder: the unit is short, and never needs the plural forms of `trans._n`.
   */
  duration(seconds: number): string {
    let rest = Math.max(0, Math.round(seconds));
    const first = UNITS.findIndex(([, length]) => length <= Math.max(rest, 1));
    const parts = UNITS.slice(first, first + 2).flatMap(([unit, length], place) => {
      const count = Math.floor(rest / length);
      rest %= length;
      return count > 0 || place === 0 ? [this.quantity(count, unit)] : [];
    });
    return new Intl.ListFormat(this.locale, { type: 'unit', style: 'narrow' }).format(parts);
  }

  /** Format a number with its unit, e.g. "5 min" or "3.4 GB". The units are those of `Intl.NumberFormat`. */
  quantity(count: number, unit: string): string {
    const options = { style: 'unit', unit, maximumFractionDigits: 1 } as const;
    return new Intl.NumberFormat(this.locale, options).format(count);
  }

  /**
   * Join names into a list, e.g. "a, b, and c"; '' when there are none. Not for parts of a sentence.
   *
   * @param type - `unit` for what is only listed, e.g. "a, b, c"
   */
  list(names: readonly string[], type: 'conjunction' | 'unit' = 'conjunction'): string {
    return new Intl.ListFormat(this.locale, { type }).format(names);
  }

  /** Join whole sentences, one behind the other; those that are '' are left out. */
  paragraph(sentences: readonly string[]): string {
    return sentences.filter(sentence => sentence !== '').join(' ');
  }

  /** Format a time with these options; '' when there is none. */
  format(iso: string | number | null, options: Intl.DateTimeFormatOptions): string {
    const time = typeof iso === 'number' ? iso : Date.parse(iso ?? '');
    return Number.isNaN(time) ? '' : new Intl.DateTimeFormat(this.locale, options).format(time);
  }
}

/** Return the BCP 47 tag: JupyterLab says `ko_KR` where the browser says `ko-KR`, and `default` for no choice. */
function localeOf(code: string | undefined): string | undefined {
  const tag = code?.replace('_', '-');
  try {
    return tag ? new Intl.DateTimeFormat(tag).resolvedOptions().locale : undefined;
  } catch {
    return undefined;
  }
}
