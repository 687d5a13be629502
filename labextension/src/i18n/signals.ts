/**
 * Describe each signal and its evidence. Codes of a newer server are never shown.
 */
import type { IAdvice, IChange, ISignalReport } from '../server/protocol';
import { componentVersion } from './format';
import type { Language } from './language';

/** What the row of a signal looks like: nothing to do, a restart is recommended, worth knowing, or unknown. */
export type SignalMood = 'ok' | 'refresh' | 'info' | 'unknown';

/** Describe a signal in a few sentences. */
export function signalSentence(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const text = (key: string) => evidenceText(signal, key);
  const day = (key: string) => language.date(text(key));
  switch (signal.code) {
    case 'age-fresh':
    case 'age-over-advised':
    case 'age-over-interval':
      return language.paragraph(ageSentences(language, signal));
    case 'age-clock-implausible':
      return trans.__('The clock and the boot time of this instance disagree.');
    case 'maintenance-none':
      return maintenanceSentence(language, text('status'));
    case 'maintenance-pending':
      return trans.__('AWS reports that maintenance of this instance is pending.');
    case 'maintenance-running':
      return trans.__('AWS reports that maintenance of this instance is in progress.');
    case 'platform-current':
      return trans.__('This instance runs on the newest platform, %1.', text('platform'));
    case 'platform-newer':
      return text('moves_to')
        ? trans.__(
            'This instance runs on %1, and %2 is newer. A restart moves the instance to %3.',
            text('platform'),
            text('newest'),
            text('moves_to')
          )
        : trans.__(
            'This instance runs on %1, and %2 is newer. A restart does not change the platform.',
            text('platform'),
            text('newest')
          );
    case 'platform-ends':
      return trans.__('AWS support for %1 ends on %2.', text('platform'), day('ends'));
    case 'platform-ended':
      return trans.__('AWS support for %1 ended on %2.', text('platform'), day('ends'));
    case 'platform-not-known':
      return trans.__('This version has no information about the platform “%1”.', text('platform'));
    case 'os-newest':
      return trans.__('No newer operating system packages are available.');
    case 'os-newer':
      return language.paragraph([
        trans.__('Newer operating system packages are available, without security advisories.'),
        imageUnknown(language)
      ]);
    case 'os-advisories':
      return language.paragraph([advisorySentence(language, signal), imageUnknown(language)]);
    case 'os-no-dnf':
      return trans.__('This instance has no dnf, which lists newer packages.');
    case 'fleet-newest':
      return trans.__('No instance that started later reports newer software.');
    case 'fleet-newer':
      return trans.__(
        'Since %1, an instance of yours that started later has had newer software: %2.',
        day('since'),
        newerComponents(language, signal)
      );
    case 'fleet-alone':
      return trans.__('No other instance on this platform has reported its software yet.');
    case 'organization-nothing':
      return trans.__('Your organization has published no advisory for this instance.');
    case 'organization-advisories':
      return advisorySentence(language, signal);
    case 'organization-undecided':
      return trans.__(
        'Unknown whether the advisories of your organization apply to this instance.'
      );
    case 'organization-no-document':
      return trans.__('The policy document of your organization could not be read so far.');
    case 'health-nothing':
      return trans.__('AWS Health lists no scheduled event for this instance.');
    case 'health-scheduled':
      return trans.__('AWS Health lists an event scheduled for %1.', day('begins'));
    case 'health-no-plan':
      return trans.__("The account's support plan does not include the AWS Health API.");
    case `${signal.name}-unreachable`:
      return trans.__('This source could not be reached.');
    case `${signal.name}-timeout`:
      return trans.__('This source did not answer in time.');
    default:
      return trans.__('This source reported something that this version does not know.');
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
      return trans.__('Operating system packages');
    case 'fleet':
      return trans.__('Your other instances');
    case 'organization':
      return trans.__('Advisories of your organization');
    case 'health':
      return trans.__('AWS Health');
    default:
      return trans.__('Another source');
  }
}

/** Describe the state of a signal in a word or two, and what its row looks like. */
export function signalState(
  { trans }: Language,
  signal: ISignalReport,
  advice: IAdvice
): [SignalMood, string] {
  const isAbout = (id: string) => id === signal.id || id.split(':')[0] === signal.name;
  const isUnchanged = signal.name === 'platform' && !evidenceText(signal, 'moves_to');
  switch (signal.state) {
    case 'current':
      return signal.code === 'platform-newer'
        ? ['info', trans.__('A restart won’t change this')]
        : signal.code === 'maintenance-none' && !isInService(evidenceText(signal, 'status'))
          ? ['info', trans.__('Nothing reported')]
          : ['ok', trans.__('Up to date')];
    case 'due':
      return advice.reasons.some(({ id }) => isAbout(id))
        ? ['refresh', trans.__('Restart recommended')]
        : advice.ineffective.some(isAbout)
          ? ['info', trans.__('Not fixed by the last restart')]
          : isUnchanged
            ? ['info', trans.__('A restart won’t change this')]
            : ['info', trans.__('For information')];
    default:
      return ['unknown', trans.__('Unknown')];
  }
}

/** List the evidence of a signal as label and value, without what its sentence says already. */
export function signalEvidence(language: Language, signal: ISignalReport): [string, string][] {
  const { trans } = language;
  const labels: Record<string, string> = {
    booted: trans.__('Last OS boot'),
    status: trans.__('Instance status'),
    platform: trans.__('Platform'),
    newest: trans.__('Newest'),
    since: trans.__('Since'),
    ends: trans.__('Support ends'),
    release: trans.__('Installed release'),
    packages: trans.__('Newer packages'),
    location: trans.__('Reported in'),
    advisories_total: trans.__('Advisories'),
    event: trans.__('Event'),
    begins: trans.__('Begins'),
    events: trans.__('Events'),
    organization: trans.__('Organization'),
    serial: trans.__('Document number'),
    issued: trans.__('Issued'),
    undecided: trans.__('Undetermined'),
    problem: trans.__('Last check failed')
  };
  return Object.entries(signal.evidence)
    .filter(([key]) => !IN_SENTENCE.has(key))
    .map(([key, value]): [string, string] => [
      labels[key] ?? trans.__('Details'),
      evidenceValue(language, value)
    ])
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
      return Array.isArray(value)
        ? language.list(
            value.filter(one => typeof one === 'string'),
            'unit'
          )
        : '';
  }
}

/** Say for how long the instance has run and what the limit is. AWS: Developer Guide, "Amazon SageMaker notebook instances", Maintenance. */
function ageSentences(language: Language, signal: ISignalReport): string[] {
  const { trans } = language;
  const days = daysOf(signal);
  const interval = evidenceNumber(signal, 'interval_days') ?? 90;
  const known =
    days === null
      ? trans.__('Unknown how long this instance has run.')
      : trans._n('This instance has run for %1 day.', 'This instance has run for %1 days.', days);
  const limit =
    signal.code !== 'age-over-interval'
      ? recommendedAfter(language, signal)
      : interval === 90
        ? trans.__('AWS updates the software at least every 90 days, also without asking.')
        : trans._n('The limit is %1 day.', 'The limit is %1 days.', interval);
  return [
    ...(signal.code === 'age-fresh'
      ? []
      : [trans.__('Updates are installed only when the instance starts.')]),
    known,
    limit,
    ...(signal.evidence.known_by === 'boot'
      ? [
          trans.__(
            'Only the time of the last OS boot is known. A reboot resets it without installing updates.'
          )
        ]
      : [])
  ];
}

/** Say after how long a restart is recommended, and by AWS if it is what AWS says. */
export function recommendedAfter({ trans }: Language, signal: ISignalReport): string {
  const days = evidenceNumber(signal, 'advised_days') ?? 30;
  return days === 30
    ? trans.__('AWS recommends a restart at least every 30 days.')
    : trans._n(
        'The policy recommends a restart after %1 day.',
        'The policy recommends a restart after %1 days.',
        days
      );
}

/** An instance has one status: while it starts or stops, that status says nothing about maintenance. */
function maintenanceSentence({ trans }: Language, status: string): string {
  return isInService(status)
    ? trans.__('AWS reports no pending maintenance.')
    : status === 'Pending'
      ? trans.__('While the instance starts, AWS does not show whether maintenance is due.')
      : trans.__('The instance status does not show whether maintenance is due.');
}

function isInService(status: string): boolean {
  return status === 'InService' || status === '';
}

/** Say that the package list does not show what AWS's image has. */
function imageUnknown({ trans }: Language): string {
  return trans.__('A restart may not install these packages.');
}

function newerComponents(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const lines = changesOf(signal).map(({ name, before, after }) =>
    after === null
      ? trans.__('%1 removed', componentVersion(name, before ?? ''))
      : before === null
        ? trans.__('%1 (not installed here)', componentVersion(name, after))
        : trans.__('%1 (here %2)', componentVersion(name, after), before)
  );
  return language.list(lines, 'unit');
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
export function advisoryCount(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const { advisories } = signal;
  const count = evidenceNumber(signal, 'advisories_total') ?? advisories.length;
  const worst = (severity: string) => advisories.filter(one => one.severity === severity).length;
  const [critical, important] = [worst('critical'), worst('important')];
  return language.list(
    [
      trans._n('%1 security advisory', '%1 security advisories', count),
      ...(critical
        ? [trans._n('%1 critical', '%1 critical', critical)]
        : important
          ? [trans._n('%1 important', '%1 important', important)]
          : [])
    ],
    'unit'
  );
}

/** Say how many advisories there are, and whose. */
export function advisorySentence(language: Language, signal: ISignalReport): string {
  const { trans } = language;
  const count = advisoryCount(language, signal);
  return signal.name === 'os_release'
    ? trans.__('Newer operating system packages are available: %1.', count)
    : signal.name === 'organization'
      ? trans.__('Your organization has published %1.', count)
      : trans.__('This source lists %1.', count);
}
