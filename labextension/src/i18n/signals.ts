/**
 * Describe each signal and its evidence. An unknown code is shown as it is.
 */
import type { IAdvice, IChange, ISignalReport } from '../server/protocol';
import { componentVersion } from './format';
import type { Language } from './language';

/** Describe a signal in a sentence or two. */
export function signalSentence(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const text = (key: string) => evidenceText(signal, key);
  const day = (key: string) => language.date(text(key));
  switch (signal.code) {
    case 'age-fresh':
    case 'age-over-advised':
    case 'age-over-interval':
      return `${ageSentence(language, signal)} ${knownBy(language, signal)}`.trim();
    case 'age-clock-implausible':
      return trans.__('The clock and the boot time disagree.');
    case 'maintenance-none':
      return trans.__('AWS says that no maintenance is pending.');
    case 'maintenance-pending':
      return trans.__('AWS says that maintenance of this instance is pending.');
    case 'maintenance-running':
      return trans.__('AWS says that it is maintaining this instance now.');
    case 'platform-current':
      return trans.__('It runs on the newest platform, %1.', text('platform'));
    case 'platform-newer':
      return trans.__(
        'It runs on %1; there is a newer one, %2. %3',
        text('platform'),
        text('newest'),
        text('moves_to')
          ? trans.__('A restart moves it to %1.', text('moves_to'))
          : trans.__('A restart does not change the platform.')
      );
    case 'platform-ends':
      return trans.__('AWS ends the support of %1 on %2.', text('platform'), day('ends'));
    case 'platform-ended':
      return trans.__('AWS ended the support of %1 on %2.', text('platform'), day('ends'));
    case 'platform-not-known':
      return trans.__('Nothing is known about the platform %1.', text('platform'));
    case 'os-newest':
      return trans.__('The operating system has no newer packages.');
    case 'os-newer':
      return trans.__(
        'The operating system has newer packages, none of them because of a security advisory. %1',
        imageUnknown(language)
      );
    case 'os-advisories':
      return trans.__(
        'The operating system has newer packages: %1. %2',
        advisoryCount(language, signal),
        imageUnknown(language)
      );
    case 'os-no-dnf':
      return trans.__('There is no dnf on this instance that could tell.');
    case 'fleet-newest':
      return trans.__('No instance that was started later reports newer software.');
    case 'fleet-newer':
      return trans.__(
        'Since %1 another instance of yours, which was started later, has %2.',
        day('since'),
        newerComponents(language, signal)
      );
    case 'fleet-alone':
      return trans.__('No other instance of this platform has reported yet.');
    case 'organization-nothing':
      return trans.__("The organisation's document has no advisory for this instance.");
    case 'organization-advisories':
      return trans.__("The organisation's document has %1.", advisoryCount(language, signal));
    case 'organization-undecided':
      return trans.__('Whether its advisories are about this instance is not known.');
    case 'organization-no-document':
      return trans.__('No document of the organisation could be read so far.');
    case 'health-nothing':
      return trans.__('AWS Health has nothing that is scheduled for this instance.');
    case 'health-scheduled':
      return trans.__('AWS Health has something scheduled for %1.', day('begins'));
    case 'health-no-plan':
      return trans.__("The account's support plan does not let AWS Health be asked.");
    case `${signal.name}-unreachable`:
      return trans.__('It could not be asked.');
    case `${signal.name}-timeout`:
      return trans.__('It did not answer in time.');
    default:
      return signal.code;
  }
}

/** Name a signal. */
export function signalName({ trans }: Language, name: string): string {
  switch (name) {
    case 'age':
      return trans.__('Time since the last start');
    case 'maintenance':
      return trans.__('Maintenance by AWS');
    case 'platform':
      return trans.__('Platform');
    case 'os_release':
      return trans.__('Packages of the operating system');
    case 'fleet':
      return trans.__('Your other instances');
    case 'organization':
      return trans.__('Advisories of the organisation');
    case 'health':
      return trans.__('AWS Health');
    default:
      return name;
  }
}

/** Describe the state of a signal in a word or two. */
export function signalState({ trans }: Language, signal: ISignalReport, advice: IAdvice): string {
  const isAbout = (id: string) => id === signal.id || id.split(':')[0] === signal.name;
  switch (signal.state) {
    case 'current':
      return signal.code === 'platform-newer'
        ? trans.__('nothing for a restart')
        : trans.__('up to date');
    case 'due':
      return advice.reasons.some(({ id }) => isAbout(id))
        ? trans.__('asks for a restart')
        : advice.ineffective.some(isAbout)
          ? trans.__('a restart changed nothing')
          : trans.__('worth knowing');
    default:
      return trans.__('not known');
  }
}

/** List the evidence of a signal as label and value, without what its sentence says already. */
export function signalEvidence(language: Language, signal: ISignalReport): [string, string][] {
  const { trans } = language;
  const labels: Record<string, string> = {
    booted: trans.__('Operating system booted'),
    status: trans.__('Status'),
    platform: trans.__('Platform'),
    newest: trans.__('Newest'),
    since: trans.__('Since'),
    ends: trans.__('Support ends'),
    release: trans.__('Release here'),
    packages: trans.__('Newer packages'),
    location: trans.__('Seen in'),
    advisories_total: trans.__('Advisories in all'),
    event: trans.__('Event'),
    begins: trans.__('Begins'),
    events: trans.__('Events'),
    organization: trans.__('Organisation'),
    serial: trans.__('Document number'),
    issued: trans.__('Issued'),
    undecided: trans.__('Not known of it'),
    detail: trans.__('In its words'),
    problem: trans.__('The last attempt failed')
  };
  return Object.entries(signal.evidence)
    .filter(([key]) => !IN_SENTENCE.has(key))
    .map(([key, value]): [string, string] => [labels[key] ?? key, evidenceValue(language, value)])
    .filter(([, value]) => value !== '');
}

const IN_SENTENCE = new Set(['days', 'advised_days', 'interval_days', 'known_by', 'moves_to']);

function evidenceValue(language: Language, value: unknown): string {
  switch (typeof value) {
    case 'number':
      return String(value);
    case 'string':
      return /^\d{4}-\d\d-\d\dT/.test(value) ? language.dateTime(value) : value;
    default:
      return Array.isArray(value) ? value.filter(one => typeof one === 'string').join(', ') : '';
  }
}

function ageSentence({ trans }: Language, signal: ISignalReport): string {
  const days = daysOf(signal) ?? '?';
  const advised = evidenceNumber(signal, 'advised_days') ?? 30;
  const interval = evidenceNumber(signal, 'interval_days') ?? 90;
  const how = trans.__('Updates are installed only when the instance starts.');
  if (signal.code === 'age-fresh') {
    return trans.__('It has run for %1 days; a restart is advised after %2.', days, advised);
  }
  // AWS: Developer Guide, "Amazon SageMaker notebook instances", Maintenance
  if (signal.code === 'age-over-advised') {
    return advised === 30
      ? trans.__(
          '%1 It has run for %2 days; AWS recommends a restart at least every 30 days.',
          how,
          days
        )
      : trans.__('%1 It has run for %2 days; a restart is advised after %3.', how, days, advised);
  }
  return interval === 90
    ? trans.__(
        '%1 It has run for %2 days; AWS renews the software at least every 90 days, and may update an instance by itself.',
        how,
        days
      )
    : trans.__('%1 It has run for %2 days; the limit is %3.', how, days, interval);
}

/** Say that the boot time is not quite the start time. */
function knownBy({ trans }: Language, signal: ISignalReport): string {
  return signal.evidence.known_by === 'boot'
    ? trans.__(
        'Known is when the operating system booted. A reboot is no stop and start, and brings no updates; the two cannot be told apart from here.'
      )
    : '';
}

/** Say that the package list does not show what AWS's image has. */
function imageUnknown({ trans }: Language): string {
  return trans.__('Whether a restart brings them is not known before it.');
}

function newerComponents(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const none = trans.__('none');
  return changesOf(signal)
    .map(({ name, before, after }) =>
      trans.__('%1 (here %2)', componentVersion(name, after ?? none), before ?? none)
    )
    .join(', ');
}

/** Return for how many whole days the instance has run. */
export function daysOf(signal: ISignalReport): number | null {
  return evidenceNumber(signal, 'days');
}

/** Return a number of the evidence; `null` when it is none. */
export function evidenceNumber(signal: ISignalReport, key: string): number | null {
  const value = signal.evidence[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Return a text of the evidence; '' when it is none. */
export function evidenceText(signal: ISignalReport, key: string): string {
  const value = signal.evidence[key];
  return typeof value === 'string' ? value : '';
}

/** Return what is newer on another instance, component by component. */
export function changesOf(signal: ISignalReport): IChange[] {
  const { changes } = signal.evidence;
  return Array.isArray(changes) ? (changes as IChange[]) : [];
}

/** Count the advisories, and the most severe ones. The server sends at most the worst of them, with the total. */
export function advisoryCount({ trans }: Language, signal: ISignalReport): string {
  const { advisories } = signal;
  const count = evidenceNumber(signal, 'advisories_total') ?? advisories.length;
  const all = trans._n('%1 security advisory', '%1 security advisories', count);
  const worst = (severity: string) => advisories.filter(one => one.severity === severity).length;
  const [critical, important] = [worst('critical'), worst('important')];
  return critical
    ? trans.__('%1, %2 critical', all, critical)
    : important
      ? trans.__('%1, %2 important', all, important)
      : all;
}
