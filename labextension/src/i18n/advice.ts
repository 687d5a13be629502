/**
 * Describe advice for the dialog "Why?": the verdict, the reasons, and what happens if nobody does anything.
 */
import { holdAt } from '../server/protocol';
import type { IAdvice, IAdvisory, IHold, IPolicy, IState } from '../server/protocol';
import { awsWarning, holderName, reasonSentence } from './banner';
import { automaticRestart } from './format';
import type { Language } from './language';
import { evidenceText, signalName } from './signals';

/** Say how urgent a restart is, and by when. */
export function verdict(language: Language, { advice }: IState): string {
  const { trans } = language;
  const until = language.date(advice.deadline);
  switch (advice.level) {
    case 'current':
      return advice.signals.some(({ state }) => state !== 'current')
        ? trans.__('No restart is recommended now.')
        : trans.__('Up to date. No restart is needed.');
    case 'unknown':
      return trans.__('Unknown whether a restart is needed.');
    case 'overdue':
      return until ? trans.__('Restart overdue since %1.', until) : trans.__('Restart overdue.');
    case 'due':
      return until
        ? trans.__('Restart due. Deadline: %1.', until)
        : trans.__('Restart due. No deadline is set.');
    default:
      return until
        ? trans.__('Restart recommended. Deadline: %1.', until)
        : trans.__('Restart recommended. No deadline is set.');
  }
}

/** Say who holds the instance and what that leads to, when the next reminder comes, and why the deadline has moved. */
export function notices(language: Language, state: IState, now: number): string[] {
  const { trans } = language;
  const { advice } = state;
  const hold = holdAt(state, now);
  const { deferral } = advice;
  return [
    ...(hold ? holdSentences(language, advice, hold) : []),
    ...movedDeadline(language, advice),
    ...(deferral
      ? [
          trans._n(
            'Next reminder: %2 (postponed %1 time).',
            'Next reminder: %2 (postponed %1 times).',
            deferral.count,
            language.dateTime(deferral.until)
          )
        ]
      : [])
  ].filter(sentence => sentence !== '');
}

function holdSentences(language: Language, advice: IAdvice, hold: IHold): string[] {
  const { trans } = language;
  const until = language.dateTime(hold.until);
  const by = holderName(language, hold);
  return [
    hold.reason
      ? trans.__('On hold until %1. Placed by %2. Reason: %3', until, by, hold.reason)
      : trans.__('On hold until %1. Placed by %2.', until, by),
    awsWarning(language, advice),
    advice.exception
      ? trans.__('The hold goes past the deadline. Your organization can see this exception.')
      : ''
  ];
}

function movedDeadline(language: Language, advice: IAdvice): string[] {
  const { trans } = language;
  if (!advice.moved_from || !advice.deadline) {
    return [];
  }
  const by = advice.reasons.find(({ deadline }) => deadline === advice.deadline);
  const [was, is] = [language.dateTime(advice.moved_from), language.dateTime(advice.deadline)];
  return [
    by
      ? trans.__(
          'The deadline moved from %1 to %2. Reason: %3.',
          was,
          is,
          reasonName(language, advice, by.id)
        )
      : trans.__('The deadline moved from %1 to %2.', was, is)
  ];
}

/** Describe the reasons for a restart, one for each source, and each one's deadline if there are several. */
export function reasonItems(language: Language, advice: IAdvice): [string, string][] {
  const { trans } = language;
  const earliest = new Map<string, string | null>();
  advice.reasons.forEach(({ id, deadline }) => {
    const source = id.split(':')[0] ?? '';
    const known = earliest.get(source) ?? null;
    earliest.set(source, known && deadline && known < deadline ? known : (deadline ?? known));
  });
  return [...earliest].map(([source, deadline]) => {
    const signal = advice.signals.find(({ name }) => name === source);
    const until = language.date(deadline);
    return [
      signal ? reasonSentence(language, signal) : signalName(language, source),
      earliest.size === 1 ? '' : until ? trans.__('Deadline: %1', until) : trans.__('No deadline')
    ];
  });
}

/** Name a reason: its source, and the advisory if it is one. */
export function reasonName(language: Language, { signals }: IAdvice, id: string): string {
  const { trans } = language;
  const [source = '', ...rest] = id.split(':');
  const about = rest.join(':');
  const signal = signals.find(({ name }) => name === source);
  const advisory = signal?.advisories.find(one => one.id === about);
  const name = signalName(language, source);
  if (!advisory) {
    return name;
  }
  const severity = severityWord(language, advisory);
  return severity
    ? trans.__('%1: %2 (%3)', name, about, severity) // a source, the id of an advisory, its severity
    : trans.__('%1: %2', name, about); // a source, the id of an advisory
}

/** Describe a severity; '' when it is unknown. */
export function severityWord(language: Language, advisory: IAdvisory): string {
  const { trans } = language;
  const words: Record<string, string> = {
    low: trans.__('low'),
    medium: trans.__('medium'),
    important: trans.__('important'),
    critical: trans.__('critical')
  };
  const { severity, exploited } = advisory;
  const word = severity ? (words[severity] ?? severity) : '';
  const used = exploited ? trans.__('actively exploited') : '';
  return language.list(
    [word, used].filter(part => part !== ''),
    'unit'
  );
}

/** Say that a restart did not change something. */
export function ineffectiveRemark(language: Language, { signals }: IAdvice): string {
  const { trans } = language;
  const age = signals.find(({ name }) => name === 'age');
  const booted = language.date(age ? evidenceText(age, 'booted') : null);
  return language.paragraph([
    booted
      ? trans.__('The restart on %1 did not change this.', booted)
      : trans.__('The last restart did not change this.'),
    trans.__('You won’t be asked about this again; your organization can see it.')
  ]);
}

/**
 * Describe what happens if nobody does anything, as times and sentences.
 *
 * @param now - the time that advice goes by, in milliseconds since the epoch
 */
export function steps(language: Language, state: IState, now: number): [string, string][] {
  const { trans } = language;
  const { advice, restart, policy } = state;
  const isWaiting = restart.phase === 'waiting';
  const isForced =
    isWaiting || advice.required || advice.plan.some(step => step.code === 'required');
  const age = advice.signals.find(({ name }) => name === 'age');
  const awsInterval = Date.parse(age ? evidenceText(age, 'booted') : '') + AWS_INTERVAL_MS;
  const undated = [
    isWaiting
      ? trans.__('The requested restart begins once nothing blocks it.')
      : advice.required
        ? automaticRestart(language, policy?.window)
        : '',
    awsInterval <= now
      ? trans.__('AWS may restart this instance at any time, without saving your work.')
      : ''
  ].filter(sentence => sentence !== '');
  const dated = advice.plan.map(({ code, at }): [string, string] => [
    language.dateTime(at),
    stepSentence(language, code, policy)
  ]);
  const isCalm = undated.length === 0 && advice.plan.length === 0;
  const last = isCalm
    ? trans.__('Nothing happens automatically.')
    : trans.__('Nothing else happens automatically.');
  return [
    ...undated.map((sentence): [string, string] => ['', sentence]),
    ...dated,
    ...(isForced ? [] : [['', last] satisfies [string, string]])
  ];
}

function stepSentence(language: Language, code: string, policy: IPolicy | null): string {
  const { trans } = language;
  switch (code) {
    case 'advised':
      return trans.__('A restart is recommended.');
    case 'due':
      return trans.__('The banner starts a countdown.');
    case 'deadline':
      return trans.__('Deadline. You can no longer postpone the reminder.');
    case 'required':
      return automaticRestart(language, policy?.window);
    case 'hold-ends':
      return trans.__('The hold ends.');
    case 'aws-interval':
      return trans.__(
        'From then on, AWS may restart this instance at any time, without saving your work.'
      );
    default:
      return trans.__('A step that this version does not know.');
  }
}

/** From this age on AWS updates an instance also without asking (Developer Guide, Maintenance). */
const AWS_INTERVAL_MS = 90 * 24 * 3_600_000;
