/**
 * Describe what a restart saves, loses and restores, and what may go wrong.
 */
import type { IDocument, IHold, ILoss, ILostTab, IRescued, IRisk } from '../server/protocol';
import { bytes, facts } from './format';
import type { Language } from './language';

/** Jupyter's own environment, as SageMaker calls it: no package is reinstalled there. */
const SYSTEM_ENVIRONMENT = 'JupyterSystemEnv';

/** Title the dialog. */
export function confirmTitle({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('Stop this notebook instance?')
    : trans.__('Restart this notebook instance?');
}

/** Say how long a restart takes, or that nobody starts the instance again. */
export function confirmIntroduction({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__(
        'Updates are installed when the instance starts. After this stop, you or your administrator must start it: nothing does so automatically.'
      )
    : trans.__(
        'Updates are installed when the instance starts. A restart takes a few minutes; then this page reloads automatically.'
      );
}

/** Describe a document that will be saved. */
export function savedItem({ trans }: Language, document: IDocument): [string, string] {
  return [document.path, document.dirty ? trans.__('unsaved changes') : ''];
}

/** Describe a document of which copies are saved: several when several tabs had a version. */
export function copyChoice(language: Language, path: string, copies: IRescued[]): string {
  const { trans } = language;
  return trans.__(
    '%1 was changed or deleted on disk. Your version is saved as %2.',
    path,
    language.list(copies.map(({ copy }) => copy))
  );
}

/** Describe a page that cannot be asked to save. */
export function lostTabChoice(language: Language, { documents }: ILostTab): string {
  const { trans } = language;
  return trans.__(
    'Unsaved changes in a browser tab that lost its connection will be lost: %1',
    language.list(documents)
  );
}

/** Describe a hold that the restart would end. */
export function holdItem(language: Language, hold: IHold): [string, string] {
  const { trans } = language;
  const until = language.dateTime(hold.until);
  return [
    hold.by
      ? trans.__('End the hold that %1 placed until %2', hold.by, until)
      : trans.__('End the hold until %1', until),
    hold.reason
  ];
}

/** A move to another platform, as a choice, and what comes with it. */
export function moveChoice(
  { trans }: Language,
  platform: string | null,
  target: string
): [string, string] {
  return [
    platform
      ? trans.__('Move from %1 to %2, permanently', platform, target)
      : trans.__('Move to %1, permanently', target),
    trans.__(
      'AWS no longer starts the current platform. Files in SageMaker/ stay; software built for the old platform may have to be rebuilt.'
    )
  ];
}

/** Name something that a restart destroys. */
export function lossName({ trans }: Language, { kind, name, detail }: ILoss): string {
  switch (kind) {
    case 'kernel':
      return detail ? trans.__('Kernel of %1 (%2)', name, detail) : trans.__('Kernel of %1', name);
    case 'terminal':
      return detail ? trans.__('%1 in terminal %2', detail, name) : trans.__('Terminal %1', name);
    case 'schedule':
      return trans.__('Scheduled job: %1', name);
    case 'packages':
      return trans.__('Packages you installed in %1', name);
    default:
      return name;
  }
}

/** Describe one loss: its name, and what is lost with it. */
export function lostItem(language: Language, loss: ILoss, now: number): [string, string] {
  const effects = lossEffects(language, loss, now);
  return [lossName(language, loss), facts([...effects, lossSize(language, loss)])];
}

function lossEffects(language: Language, loss: ILoss, now: number): string[] {
  const { trans } = language;
  const since = loss.since === null ? NaN : Date.parse(loss.since);
  const time = Number.isNaN(since) ? '' : language.duration((now - since) / 1000);
  switch (loss.kind) {
    case 'kernel':
      return loss.busy
        ? [time ? trans.__('busy for %1', time) : trans.__('busy'), trans.__('computation is lost')]
        : [trans.__('idle: its variables are lost')];
    case 'terminal':
      return loss.busy
        ? [time ? trans.__('running for %1', time) : trans.__('running')]
        : [trans.__('no program is running')];
    case 'process':
      return [
        time
          ? trans.__('running in the background for %1', time)
          : trans.__('running in the background')
      ];
    case 'packages':
      return [
        loss.detail ?? '',
        loss.name === SYSTEM_ENVIRONMENT ? '' : trans.__('can be reinstalled after the restart')
      ];
    case 'files':
      return loss.detail ? [trans._n('%1 file', '%1 files', Number(loss.detail))] : [];
    default:
      return [];
  }
}

function lossSize(language: Language, { kind, memory, size }: ILoss): string {
  const { trans } = language;
  if (memory !== null) {
    return trans.__('%1 of memory', bytes(language, memory));
  }
  return kind === 'files' && size !== null ? bytes(language, size) : '';
}

/** Describe what every stop deletes. AWS: only `/home/ec2-user/SageMaker` persists (Developer Guide, "Maintenance"). */
export function alwaysLost({ trans }: Language, losses: readonly ILoss[]): [string, string] {
  const isListed = losses.some(({ kind }) => kind === 'files' || kind === 'packages');
  return [
    trans.__('Everything outside SageMaker/'),
    isListed
      ? '' // what there is follows, by name
      : trans.__('such as files in the home folder, and packages you installed')
  ];
}

/** Say how many items the list of what is lost leaves to the list of what must be confirmed. */
export function confirmedBelow({ trans }: Language, count: number): string {
  return trans._n('%1 running item, to confirm below', '%1 running items, to confirm below', count);
}

/** List what is restored. */
export function restoredFacts({ trans }: Language, stops: boolean): string[] {
  return [
    trans.__('Files in SageMaker/'),
    trans.__('Open documents, their layout, and your settings'),
    trans.__('Terminals in their folders, but not the programs that run in them'),
    stops
      ? trans.__('The URL of this page, once someone has started the instance')
      : trans.__('The URL of this page')
  ];
}

/** Say what is missing before the restart can be confirmed. */
export function confirmFirst({ trans }: Language, stops: boolean, count: number): string {
  return stops
    ? trans._n(
        'Confirm %1 more item to stop now, or choose “When idle”.',
        'Confirm %1 more items to stop now, or choose “When idle”.',
        count
      )
    : trans._n(
        'Confirm %1 more item to restart now, or choose “When idle”.',
        'Confirm %1 more items to restart now, or choose “When idle”.',
        count
      );
}

/** Name the list of what must be confirmed. */
export function choicesHeading({ trans }: Language, stops: boolean): string {
  return stops ? trans.__('Confirm before you stop') : trans.__('Confirm before you restart');
}

/** Label the button that opens a document and its rescue copies. */
export function openLabel({ trans }: Language, count: number): string {
  return count === 2 ? trans.__('Open both') : trans.__('Open all');
}

/** Label the box that selects all items below it. */
export function selectAll({ trans }: Language, count: number): string {
  return trans._n('Select the %1 item below', 'Select all %1 items below', count);
}

/** Say how many more lines a list has. */
export function more({ trans }: Language, count: number): string {
  return trans._n('and %1 more', 'and %1 more', count);
}

/** Describe a risk, and what it means. */
export function riskItem(language: Language, { code, subject, detail }: IRisk): [string, string] {
  const { trans } = language;
  switch (code) {
    case 'start-was-slow':
      return [
        trans.__('The start script took %1 at the last start', language.duration(Number(subject))),
        trans.__(
          'A start fails after %1. Ask your administrator to shorten the script.',
          language.duration(Number(detail))
        )
      ];
    case 'volume-nearly-full':
      return [
        trans.__('The volume is nearly full (%1 free)', bytes(language, Number(detail))),
        trans.__('Free some space first, or a document may not be saved.')
      ];
    case 'restarted-recently':
      return [trans.__('This instance restarted on %1', language.dateTime(subject)), ''];
    default:
      return [
        trans.__('There is another risk'),
        subject || trans.__('Run “jupyter nb-updater doctor” in a terminal for details.')
      ];
  }
}
