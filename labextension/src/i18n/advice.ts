/**
 * Describe advice: what asks for a restart, until when, and what happens if nobody does anything.
 */
import type { IAdvice, IAdvisory, IState, IStep } from '../server/protocol';
import { awsWarning, levelWord } from './banner';
import { windowHours } from './format';
import type { Language } from './language';
import { evidenceText, signalName } from './signals';

/** Say how urgent a restart is and until when, and why the deadline has moved. */
export function leadSentences(language: Language, { advice }: IState): string[] {
  const { trans } = language;
  const { level, moved_from, deferral } = advice;
  const until = language.date(advice.deadline);
  const word =
    level === 'current'
      ? trans.__('Up to date')
      : level === 'unknown'
        ? trans.__('Not known')
        : levelWord(language, level);
  const asks = level === 'advised' || level === 'due';
  const sentences = [
    until && asks
      ? trans.__('%1, by %2.', word, until)
      : until && level === 'overdue'
        ? trans.__('%1 since %2.', word, until)
        : `${word}.`
  ];
  if (moved_from && advice.deadline) {
    const by = advice.reasons.find(({ deadline }) => deadline === advice.deadline);
    const [was, is] = [language.dateTime(moved_from), language.dateTime(advice.deadline)];
    sentences.push(
      by
        ? trans.__(
            'The deadline moved from %1 to %2 because of: %3.',
            was,
            is,
            reasonName(language, advice, by.id)
          )
        : trans.__('The deadline moved from %1 to %2.', was, is)
    );
  }
  if (deferral) {
    sentences.push(
      trans._n(
        'The reminder comes at %2 (put off %1 time).',
        'The reminder comes at %2 (put off %1 times).',
        deferral.count,
        language.dateTime(deferral.until)
      )
    );
  }
  return sentences;
}

/** Describe one reason for a restart, and until when. */
export function reasonItem(
  language: Language,
  advice: IAdvice,
  { id, deadline }: IAdvice['reasons'][number]
): [string, string] {
  const { trans } = language;
  const until = language.dateTime(deadline);
  return [
    reasonName(language, advice, id),
    until ? trans.__('by %1', until) : trans.__('without a deadline')
  ];
}

/** Name a reason: its signal, and the advisory if it is one. */
export function reasonName(language: Language, { signals }: IAdvice, id: string): string {
  const [source = '', ...rest] = id.split(':');
  const about = rest.join(':');
  const signal = signals.find(({ name }) => name === source);
  const advisory = signal?.advisories.find(one => one.id === about);
  const name = signalName(language, source);
  if (!advisory) {
    return name;
  }
  const severity = severityWord(language, advisory);
  return severity ? `${name}: ${about} (${severity})` : `${name}: ${about}`;
}

/** Describe a severity; '' when it is not known. */
export function severityWord({ trans }: Language, { severity, exploited }: IAdvisory): string {
  const words: Record<string, string> = {
    low: trans.__('low'),
    medium: trans.__('medium'),
    important: trans.__('important'),
    critical: trans.__('critical')
  };
  const word = severity ? (words[severity] ?? severity) : '';
  const used = exploited ? trans.__('used in attacks') : '';
  return [word, used].filter(part => part !== '').join(', ');
}

/** Say that a restart did not change something. */
export function ineffectiveRemark(language: Language, { signals }: IAdvice): string {
  const { trans } = language;
  const age = signals.find(({ name }) => name === 'age');
  const booted = language.date(age ? evidenceText(age, 'booted') : null);
  const seen = trans.__('It is not asked again for this; the organisation sees that.');
  return booted
    ? trans.__('A restart on %1 changed nothing about this. %2', booted, seen)
    : trans.__('A restart changed nothing about this. %1', seen);
}

/** Say what a hold leads to. */
export function holdSentences(language: Language, { advice }: IState): string[] {
  const { trans } = language;
  const counts = advice.exception
    ? trans.__(
        'It is held past its deadline: that counts as an exception, and the organisation sees it.'
      )
    : '';
  return [awsWarning(language, advice), counts].filter(sentence => sentence !== '');
}

/** Describe one step of what happens if nobody does anything. */
export function stepItem(language: Language, { code, at }: IStep, { policy }: IState): string {
  const { trans } = language;
  const words: Record<string, string> = {
    advised: trans.__('a restart is advised'),
    due: trans.__('the banner begins to count down'),
    deadline: trans.__('the deadline; it can no longer be put off'),
    required: policy?.window
      ? trans.__(
          'it restarts by itself in the window (%1), as soon as nothing runs and everything is proven saved',
          windowHours(language, policy.window)
        )
      : trans.__('it restarts by itself, as soon as nothing runs and everything is proven saved'),
    'hold-ends': trans.__('the hold ends by itself'),
    'aws-interval': trans.__('from here on AWS may restart it by itself, and saves nothing')
  };
  return trans.__('%1: %2', language.dateTime(at), words[code] ?? code);
}

/** Say that nothing more happens. */
export function noForce({ trans }: Language): string {
  return trans.__('Nothing else happens without a click.');
}
