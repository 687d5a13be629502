/**
 * Translate text into the language of the page, and format dates and durations in it.
 */
import { nullTranslator } from '@jupyterlab/translation';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { DOMAIN } from '../constants';

const LONG_DATE = { dateStyle: 'long' } as const;

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

  /** Format a duration in whole units, e.g. "6 min 30 s". */
  duration(seconds: number): string {
    const trans = this.trans;
    const whole = Math.max(0, Math.round(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    if (hours > 0) {
      return trans.__('%1 h %2 min', hours, minutes);
    }
    return minutes > 0 ? trans.__('%1 min %2 s', minutes, whole % 60) : trans.__('%1 s', whole);
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
