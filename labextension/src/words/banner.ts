/**
 * What the banner says: one line that is read in two seconds.
 */
import type { Language } from '../i18n';
import { holdAt } from '../protocol';
import type { IAdvice, IHold, IReason, ISignalReport, IState, Level } from '../protocol';
import { daysOf, evidenceNumber } from './evidence';

/** More reasons than this are counted, not named. */
const NAMED = 2;

/**
 * The banner's line: what matters most in two or three words, and a sentence.
 *
 * @param now - the server's clock, in milliseconds since the epoch
 */
export function bannerWords(language: Language, state: IState, now: number): [string, string] {
  const { trans } = language;
  const { restart, advice } = state;
  if (restart.phase === 'waiting') {
    const lead =
      restart.when === 'idle'
        ? trans.__('Restart when idle.')
        : trans.__('Restart at %1.', language.dateTime(restart.when));
    return [lead, waitingSentence(language, restart.waiting_for, now)];
  }
  const hold = holdAt(state, now);
  return hold
    ? [trans.__('Held until %1.', language.dateTime(hold.until)), holder(language, hold)]
    : [`${levelWord(language, advice.level)}.`, advised(language, advice)];
}

/** One thing that is waited for, and for how long it has been going on. */
export function reasonWords(language: Language, reason: IReason, now: number): string {
  const { trans } = language;
  switch (reason.kind) {
    case 'time':
      return language.dateTime(reason.name);
    case 'quiet':
      return trans.__('nothing to begin before %1', language.time(reason.name));
    case 'hold':
      return trans.__('the end of the hold (%1)', reason.name);
    case 'unknown':
      return trans.__('a view of what is running');
    default: {
      const since = Date.parse(reason.since ?? '');
      return Number.isNaN(since)
        ? reason.name
        : trans.__('%1 (%2)', reason.name, language.duration((now - since) / 1000));
    }
  }
}

function waitingSentence(language: Language, reasons: IReason[], now: number): string {
  const { trans } = language;
  if (reasons.length === 0 || reasons[0]?.kind === 'time') {
    return trans.__('Everything is saved first. You can work on.');
  }
  const names = reasons.slice(0, NAMED).map(reason => reasonWords(language, reason, now));
  const more = reasons.length - names.length;
  return more > 0
    ? trans.__('Waits for %1 and %2 more.', names.join(', '), more)
    : trans.__('Waits for %1.', names.join(', '));
}

function holder({ trans }: Language, { by, reason }: IHold): string {
  const who = by || trans.__('someone');
  return reason ? trans.__('By %1: %2', who, reason) : trans.__('By %1.', who);
}

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

function advised(language: Language, advice: IAdvice): string {
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
