/**
 * What the banner and "Why?" say.
 */
import type { Language } from '../i18n';
import type { IAdvice, ISignalReport, Level } from '../protocol';

const DAY = 86_400;

/** The level in a word or two: colour alone would not tell everyone. */
export function levelWord({ trans }: Language, level: Level): string {
  switch (level) {
    case 'advised':
      return trans.__('Restart advised');
    case 'due':
      return trans.__('Restart due');
    case 'overdue':
      return trans.__('Restart overdue');
    case 'current':
      return trans.__('Up to date');
    default:
      return trans.__('Not known');
  }
}

/** The banner's sentence: how it is, and what is asked. */
export function bannerMessage(language: Language, advice: IAdvice): string {
  const { trans } = language;
  const deadline = language.date(advice.deadline);
  const ask =
    advice.level === 'overdue'
      ? trans.__('It should have been restarted by %1.', deadline)
      : advice.level === 'due'
        ? trans.__('Restart it before %1.', deadline)
        : advisedEvery(language, advice);
  const days = uptimeDays(advice);
  const how =
    days === null
      ? trans.__('Updates are waiting for this notebook instance.')
      : trans._n('No updates for %1 day.', 'No updates for %1 days.', days);
  return deadline || advice.level === 'advised' ? `${how} ${ask}` : how;
}

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

function advisedEvery({ trans }: Language, advice: IAdvice): string {
  const age = dueAge(advice);
  const days = (age && evidenceNumber(age, 'advised_days')) ?? 30;
  return days === 30
    ? trans.__('AWS advises a restart every 30 days.') // AWS: Developer Guide, Maintenance
    : trans.__('A restart is advised every %1 days.', days);
}

function uptimeDays(advice: IAdvice): number | null {
  const age = dueAge(advice);
  return age && daysOf(age);
}

function dueAge(advice: IAdvice): ISignalReport | null {
  return advice.signals.find(({ name, state }) => name === 'age' && state === 'due') ?? null;
}

function daysOf(signal: ISignalReport): number | null {
  const seconds = evidenceNumber(signal, 'uptime_seconds');
  return seconds === null ? null : Math.floor(seconds / DAY);
}

function evidenceNumber(signal: ISignalReport, key: string): number | null {
  const value = signal.evidence[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
