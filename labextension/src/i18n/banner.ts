/**
 * Describe advice in one line: for the banner, and in a few words for the status bar.
 */
import { holdAt } from '../server/protocol';
import type {
  IAdvice,
  IHold,
  IPolicy,
  ISignalReport,
  IState,
  IWaitReason,
  Level
} from '../server/protocol';
import { automaticRestart } from './format';
import type { Language } from './language';
import { advisoryCount, changesOf, daysOf, evidenceNumber, evidenceText } from './signals';

/** How many reasons are named; more are counted. */
const MAX_REASONS_NAMED = 2;

/** The two times that texts refer to, in milliseconds since the epoch. */
export interface IClocks {
  now: number;
  /** The time that advice, holds and reminders go by; a simulated clock makes it another one. */
  adviceNow: number;
}

/** Write the banner: what matters most in two or three words, and a sentence. */
export function bannerText(
  language: Language,
  state: IState,
  { now, adviceNow }: IClocks
): [string, string] {
  const { trans } = language;
  const { restart, advice } = state;
  if (restart.phase === 'waiting') {
    const at = language.dateTime(restart.when); // else "idle", or "required" by a policy
    const lead = at ? trans.__('Restart at %1.', at) : trans.__('Restart when idle.');
    return [lead, waitingSentence(language, restart.waiting_for, now)];
  }
  const hold = holdAt(state, adviceNow);
  return hold
    ? [
        trans.__('Held until %1.', language.dateTime(hold.until)),
        `${awsWarning(language, advice)} ${holder(language, hold)}`.trim()
      ]
    : [`${levelWord(language, advice.level)}.`, advised(language, state)];
}

/** Describe one thing that a restart waits for, and for how long it has been going on. */
export function waitReason(language: Language, reason: IWaitReason, now: number): string {
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

function waitingSentence(language: Language, reasons: IWaitReason[], now: number): string {
  const { trans } = language;
  if (reasons.length === 0 || reasons[0]?.kind === 'time') {
    return trans.__('Everything is saved first. You can work on.');
  }
  const names = reasons
    .slice(0, MAX_REASONS_NAMED)
    .map(reason => waitReason(language, reason, now));
  const more = reasons.length - names.length;
  return more > 0
    ? trans.__('Waits for %1 and %2 more.', names.join(', '), more)
    : trans.__('Waits for %1.', names.join(', '));
}

function holder({ trans }: Language, { by, reason }: IHold): string {
  const who = by || trans.__('someone');
  return reason ? trans.__('By %1: %2', who, reason) : trans.__('By %1.', who);
}

/** Name a level that asks for a restart: not everybody sees its color. */
export function levelWord({ trans }: Language, level: Level): string {
  switch (level) {
    case 'due':
      return trans.__('Restart due');
    case 'overdue':
      return trans.__('Restart overdue');
    default:
      return trans.__('Restart advised');
  }
}

/** Warn that AWS does not wait for a hold to end. */
export function awsWarning(language: Language, { warnings, plan }: IAdvice): string {
  if (!warnings.includes('aws-interval')) {
    return '';
  }
  const { trans } = language;
  const from = language.date(plan.find(({ code }) => code === 'aws-interval')?.at ?? null);
  return from
    ? trans.__('AWS may restart it itself from %1, despite the hold.', from)
    : trans.__('AWS may restart it itself at any time, despite the hold.');
}

/** Say what asks for a restart, and until when. The organization's message comes last: there a long line is cut. */
function advised(language: Language, { advice, policy }: IState): string {
  const signal = mainSignal(advice);
  const message = policy?.origin.message ?? '';
  const ask = asked(language, advice, policy) || (message ? '' : ageAdvice(language, signal));
  const sentences = message ? [ask, message] : [reason(language, signal), ask];
  return sentences.filter(sentence => sentence !== '').join(' ');
}

function asked(language: Language, advice: IAdvice, policy: IPolicy | null): string {
  const { trans } = language;
  const { level, plan } = advice;
  const isRequired = advice.required || plan.some(({ code }) => code === 'required');
  if (level === 'overdue' && isRequired) {
    return automaticRestart(language, policy?.window);
  }
  const deadline = language.date(advice.deadline);
  const moved = language.date(advice.moved_from);
  if (!deadline || (level === 'advised' && !moved)) {
    return '';
  }
  if (level === 'overdue') {
    return trans.__('It should have been restarted by %1.', deadline);
  }
  const until = moved ? trans.__('%1 (it was %2)', deadline, moved) : deadline;
  return isRequired
    ? trans.__('Restart it before %1; then it restarts by itself.', until)
    : trans.__('Restart it before %1.', until);
}

/** Return the signal that the banner names: the server sends the most specific one last. */
function mainSignal({ reasons, signals }: IAdvice): ISignalReport | undefined {
  const asking = reasons.map(({ id }) => id.split(':')[0]);
  return signals.filter(({ name, state }) => state === 'due' && asking.includes(name)).pop();
}

function reason(language: Language, signal: ISignalReport | undefined): string {
  const { trans } = language;
  const waiting = trans.__('Updates are waiting for this notebook instance.');
  if (signal?.advisories.length) {
    const count = advisoryCount(language, signal);
    return signal.name === 'os_release'
      ? trans.__('The operating system has newer packages: %1.', count)
      : `${count}.`;
  }
  switch (signal?.name) {
    case 'age': {
      const days = daysOf(signal);
      return days === null
        ? waiting
        : trans._n('No updates for %1 day.', 'No updates for %1 days.', days);
    }
    case 'fleet':
      return newerElsewhere(language, signal);
    case 'maintenance':
      return trans.__('AWS says that its maintenance is pending.');
    default:
      return waiting;
  }
}

/** Say what another instance runs, and since when. JupyterLab is what everybody knows; "Why?" lists everything. */
function newerElsewhere(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const since = language.shortDate(evidenceText(signal, 'since'));
  const lab = changesOf(signal).find(({ name }) => name === 'jupyterlab');
  return lab?.before && lab.after
    ? trans.__(
        'Since %1 another instance runs JupyterLab %2; here it is %3.',
        since,
        lab.after,
        lab.before
      )
    : trans.__('Since %1 another instance runs newer software.', since);
}

function ageAdvice({ trans }: Language, signal: ISignalReport | undefined): string {
  if (signal?.name !== 'age') {
    return '';
  }
  const days = evidenceNumber(signal, 'advised_days') ?? 30;
  return days === 30
    ? trans.__('AWS advises a restart every 30 days.') // AWS: Developer Guide, Maintenance
    : trans.__('A restart is advised every %1 days.', days);
}

/**
 * Write the status bar item: a few words, and whether they are a warning.
 *
 * @param now - the time that advice goes by, in milliseconds since the epoch
 */
export function statusItemText(language: Language, state: IState, now: number): [string, boolean] {
  const { trans } = language;
  const { level, deferral, ineffective, signals, plan } = state.advice;
  const hold = holdAt(state, now);
  if (hold) {
    return [trans.__('Held until %1', shortTime(language, hold.until, now)), false];
  }
  if (deferral) {
    const until = shortTime(language, deferral.until, now);
    const isToday = until === language.time(deferral.until);
    return [isToday ? trans.__('Remind at %1', until) : trans.__('Remind on %1', until), false];
  }
  if (ineffective.length > 0) {
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
      ? trans.__('Restart advised from %1', shortTime(language, from.at, now))
      : levelWord(language, level),
    false
  ];
}

/** Format a time of today, or else only the day, e.g. "Dec 12". */
function shortTime(language: Language, iso: string, now: number): string {
  const today = new Intl.DateTimeFormat('en-CA'); // one that compares
  const isToday = today.format(Date.parse(iso)) === today.format(now);
  return isToday ? language.time(iso) : language.shortDate(iso);
}
