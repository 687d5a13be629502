/**
 * Describe advice in one line: for the banner, and in a few words for the status bar.
 */
import type { UpdateModel } from '../server/model';
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
import {
  advisoryCount,
  advisorySentence,
  changesOf,
  daysOf,
  evidenceText,
  recommendedAfter,
  signalSentence
} from './signals';

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
        trans.__('On hold until %1.', language.dateTime(hold.until)),
        language.paragraph([awsWarning(language, advice), holder(language, hold)])
      ]
    : [leadSentence(language, advice.level), recommendation(language, state)];
}

/** Say that this page has no WebSocket; '' if it has one. */
export function channelSentence(
  language: Language,
  { problem }: Pick<UpdateModel, 'problem'>
): string {
  const { trans } = language;
  return problem
    ? language.paragraph([
        trans.__('This page has no live connection to the server.'),
        trans.__('Run “jupyter nb-updater doctor” in a terminal for details.')
      ])
    : '';
}

/** Describe one thing that a restart waits for, and for how long it has been going on. */
export function waitReason(language: Language, reason: IWaitReason, now: number): string {
  const { trans } = language;
  switch (reason.kind) {
    case 'time':
      return language.dateTime(reason.name);
    case 'quiet':
      return trans.__('an idle period (earliest %1)', language.time(reason.name));
    case 'hold':
      return trans.__('the end of the hold (%1)', reason.name);
    case 'unknown':
      return trans.__('a check of what is running');
    default: {
      const since = Date.parse(reason.since ?? '');
      return Number.isNaN(since)
        ? reason.name
        : trans.__('%1 (%2)', reason.name, language.duration((now - since) / 1000)); // what is running, for how long
    }
  }
}

function waitingSentence(language: Language, reasons: IWaitReason[], now: number): string {
  const { trans } = language;
  const [first, ...others] = reasons;
  if (!first || first.kind === 'time') {
    return trans.__('Everything is saved first. You can continue working.');
  }
  if (first.kind === 'unknown' && others.length === 0) {
    return trans.__('Waiting, because it is unknown what is running.');
  }
  const names = reasons
    .slice(0, MAX_REASONS_NAMED)
    .map(reason => waitReason(language, reason, now));
  const more = reasons.length - MAX_REASONS_NAMED;
  const all = more > 0 ? [...names, trans._n('%1 more', '%1 more', more)] : names;
  return trans.__('Waiting for %1.', language.list(all));
}

/** Name who holds the instance. */
export function holderName({ trans }: Language, { by, verified }: IHold): string {
  return verified ? by : by ? trans.__('%1 (not verified)', by) : trans.__('someone');
}

function holder(language: Language, hold: IHold): string {
  const { trans } = language;
  const { reason } = hold;
  const who = holderName(language, hold);
  return reason
    ? trans.__('Placed by %1. Reason: %2', who, reason)
    : trans.__('Placed by %1.', who);
}

/** Name a level that recommends a restart: not everybody sees its color. */
function leadSentence({ trans }: Language, level: Level): string {
  switch (level) {
    case 'due':
      return trans.__('Restart due.');
    case 'overdue':
      return trans.__('Restart overdue.');
    default:
      return trans.__('Restart recommended.');
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
    ? trans.__('AWS may restart this instance from %1, despite the hold.', from)
    : trans.__('AWS may restart this instance at any time, despite the hold.');
}

/** Give the reason for a restart, and its deadline. The organization's message comes last: there a long line is cut. */
function recommendation(language: Language, { advice, policy }: IState): string {
  const signal = mainSignal(advice);
  const message = policy?.origin.message ?? '';
  const request = deadlineSentence(language, advice, policy);
  const sentences = message
    ? [request, message]
    : request
      ? [shortReason(language, signal), request]
      : [signal ? reasonSentence(language, signal) : shortReason(language, signal)];
  return language.paragraph(sentences);
}

function deadlineSentence(language: Language, advice: IAdvice, policy: IPolicy | null): string {
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
    return trans.__('The deadline was %1.', deadline);
  }
  if (!isRequired) {
    return moved
      ? trans.__('Restart before %1 (previously %2).', deadline, moved)
      : trans.__('Restart before %1.', deadline);
  }
  return moved
    ? trans.__(
        'Restart before %1 (previously %2). After that, this instance restarts automatically.',
        deadline,
        moved
      )
    : trans.__('Restart before %1. After that, this instance restarts automatically.', deadline);
}

/** Return the signal that the banner names: the server sends the most specific one last. */
function mainSignal({ reasons, signals }: IAdvice): ISignalReport | undefined {
  const asking = reasons.map(({ id }) => id.split(':')[0]);
  return signals.filter(({ name, state }) => state === 'due' && asking.includes(name)).pop();
}

/** Say why a restart is recommended, and who says so. */
export function reasonSentence(language: Language, signal: ISignalReport): string {
  return language.paragraph([
    shortReason(language, signal),
    signal.name === 'age' ? recommendedAfter(language, signal) : ''
  ]);
}

function shortReason(language: Language, signal: ISignalReport | undefined): string {
  const { trans } = language;
  if (signal?.advisories.length) {
    return advisorySentence(language, signal);
  }
  const days = signal ? daysOf(signal) : null;
  switch (signal?.name) {
    case 'age':
      if (days !== null) {
        return trans._n('No updates for %1 day.', 'No updates for %1 days.', days);
      }
      break;
    case 'fleet':
      return newerElsewhere(language, signal);
    case 'platform':
    case 'maintenance':
    case 'health':
      return signalSentence(language, signal);
  }
  return trans.__('Only a restart installs updates on this instance.');
}

/** Say what another instance runs, and since when. JupyterLab is what everybody knows; "Why?" lists everything. */
function newerElsewhere(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const since = language.shortDate(evidenceText(signal, 'since'));
  const lab = changesOf(signal).find(({ name }) => name === 'jupyterlab');
  return lab?.before && lab.after
    ? trans.__(
        'Since %1, another instance has had JupyterLab %2. This one has %3.',
        since,
        lab.after,
        lab.before
      )
    : trans.__('Since %1, another instance has had newer software.', since);
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
    return [trans.__('On hold until %1', shortTime(language, hold.until, now)), false];
  }
  if (deferral) {
    const until = shortTime(language, deferral.until, now);
    const isToday = until === language.time(deferral.until);
    return [isToday ? trans.__('Reminder at %1', until) : trans.__('Reminder on %1', until), false];
  }
  if (signals.some(({ prevents }) => prevents)) {
    return [trans.__('No restart possible'), true];
  }
  if (ineffective.length > 0) {
    return [trans.__('Not fixed by the last restart'), true];
  }
  const grave = signals.find(({ state, advisories }) => state === 'due' && advisories.length > 0);
  if (grave) {
    return [advisoryCount(language, grave), true];
  }
  if (level === 'unknown') {
    return [trans.__('Update status unknown'), true];
  }
  const from = plan.find(({ code }) => code === 'advised');
  return [
    from
      ? trans.__('Restart recommended from %1', shortTime(language, from.at, now))
      : trans.__('Restart recommended'),
    false
  ];
}

/** Format a time of today, or else only the day, e.g. "Dec 12". */
function shortTime(language: Language, iso: string, now: number): string {
  const today = new Intl.DateTimeFormat('en-CA'); // one that compares
  const isToday = today.format(Date.parse(iso)) === today.format(now);
  return isToday ? language.time(iso) : language.shortDate(iso);
}
