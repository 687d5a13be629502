/**
 * What "Why?" says of each signal.
 */
import type { Language } from '../i18n';
import type { ISignalReport } from '../protocol';
import { daysOf, evidenceNumber } from './evidence';

/** One signal in a sentence. */
export function signalSentence({ trans }: Language, signal: ISignalReport): string {
  const days = daysOf(signal);
  switch (signal.code) {
    case 'age-fresh':
      return trans.__('It was started recently.');
    case 'age-over-advised':
      // AWS: Developer Guide, "Amazon SageMaker notebook instances", Maintenance
      return trans.__(
        'Updates are installed only when the instance starts. It has run for %1 days; AWS recommends a restart at least every %2 days.',
        days ?? '?',
        evidenceNumber(signal, 'advised_days') ?? 30
      );
    case 'age-over-interval':
      // AWS: Developer Guide, "Amazon SageMaker notebook instances", Maintenance
      return trans.__(
        'Updates are installed only when the instance starts. It has run for %1 days; AWS renews the software at least every %2 days, and may update an instance by itself.',
        days ?? '?',
        evidenceNumber(signal, 'interval_days') ?? 90
      );
    case 'age-clock-implausible':
      return trans.__('Not known: the clock and the boot time disagree.');
    default:
      return signal.code;
  }
}

/** What a signal is called. */
export function signalName({ trans }: Language, signal: ISignalReport): string {
  switch (signal.name) {
    case 'age':
      return trans.__('Time since the last start');
    default:
      return signal.name;
  }
}

/** What a signal says, in a word. */
export function signalState({ trans }: Language, signal: ISignalReport): string {
  switch (signal.state) {
    case 'current':
      return trans.__('up to date');
    case 'due':
      return trans.__('restart due');
    default:
      return trans.__('not known');
  }
}

/** The facts behind a signal, as label and value. */
export function signalEvidence(language: Language, signal: ISignalReport): [string, string][] {
  const { trans } = language;
  const { booted } = signal.evidence;
  const rows: [string, string][] = [
    [trans.__('Started'), language.dateTime(typeof booted === 'string' ? booted : null)],
    [trans.__('Checked'), language.dateTime(signal.checked)]
  ];
  return rows.filter(([, value]) => value !== '');
}
