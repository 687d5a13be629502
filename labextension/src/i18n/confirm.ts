/**
 * Describe what a restart saves, loses and restores, and what may go wrong.
 */
import type { IDocument, IHold, ILoss, ILostTab, IRescued, IRisk } from '../server/protocol';
import { bytes } from './format';
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
        'Updates are installed when the instance starts. Nothing starts it again by itself: you, or whoever manages it, must do that.'
      )
    : trans.__(
        'Updates are installed when the instance starts. It is away for a few minutes, then this page loads again by itself.'
      );
}

/** Describe a document that will be saved. */
export function savedItem({ trans }: Language, document: IDocument): [string, string] {
  return [document.path, document.dirty ? trans.__('unsaved changes') : ''];
}

/** Describe a document of which copies are saved: several when several tabs had a version. */
export function copyChoice({ trans }: Language, path: string, copies: IRescued[]): string {
  const names = copies.map(({ copy }) => copy).join(', ');
  return trans.__(
    '%1 was changed or deleted by something else and stays so; yours is kept as %2',
    path,
    names
  );
}

/** Describe a page that cannot be asked to save. */
export function lostTabChoice({ trans }: Language, { documents }: ILostTab): string {
  return trans.__(
    'Unsaved changes in a page that has lost its connection (%1)',
    documents.join(', ')
  );
}

/** Describe a hold that the restart would end. */
export function holdChoice(language: Language, hold: IHold): string {
  const { trans } = language;
  const until = language.dateTime(hold.until);
  const who = hold.by || trans.__('Someone');
  return hold.reason
    ? trans.__('%1 holds this instance until %2: %3', who, until, hold.reason)
    : trans.__('%1 holds this instance until %2', who, until);
}

/** A move to another platform, as a choice, and what comes with it. */
export function moveChoice(
  { trans }: Language,
  platform: string | null,
  target: string
): [string, string] {
  return [
    trans.__('From %1 to %2, for good', platform ?? trans.__('its platform'), target),
    trans.__(
      'AWS no longer starts it as it is. The files in SageMaker/ stay; libraries and system packages are those of the new platform, and what was made for the old one may need changes.'
    )
  ];
}

/** Name something that a restart destroys. */
export function lossName({ trans }: Language, { kind, name, detail }: ILoss): string {
  switch (kind) {
    case 'kernel':
      return detail
        ? trans.__('The kernel of %1 (%2)', name, detail)
        : trans.__('The kernel of %1', name);
    case 'terminal':
      return detail ? trans.__('%1 in terminal %2', detail, name) : trans.__('Terminal %1', name);
    case 'schedule':
      return trans.__('The scheduled job %1', name);
    case 'packages':
      return trans.__('Packages added to %1', name);
    default:
      return name;
  }
}

/** Describe one loss: its name, and what is lost with it. */
export function lostItem(language: Language, loss: ILoss, now: number): [string, string] {
  const facts = [lossEffect(language, loss, now), lossSize(language, loss)];
  return [lossName(language, loss), facts.filter(fact => fact !== '').join('; ')];
}

function lossEffect(language: Language, loss: ILoss, now: number): string {
  const { trans } = language;
  const since = loss.since === null ? NaN : Date.parse(loss.since);
  const time = Number.isNaN(since) ? '' : language.duration((now - since) / 1000);
  switch (loss.kind) {
    case 'kernel':
      return !loss.busy
        ? trans.__('idle: its variables are lost')
        : time
          ? trans.__('busy for %1: its computation is cut off', time)
          : trans.__('busy: its computation is cut off');
    case 'terminal':
      return !loss.busy
        ? trans.__('nothing runs in it')
        : time
          ? trans.__('running for %1', time)
          : trans.__('running');
    case 'process':
      return time ? trans.__('in the background for %1', time) : trans.__('in the background');
    case 'packages':
      return [
        loss.detail ?? '',
        loss.name === SYSTEM_ENVIRONMENT ? '' : trans.__('can be put back after the restart')
      ]
        .filter(part => part !== '')
        .join('; ');
    default:
      return '';
  }
}

function lossSize(language: Language, { kind, memory, size, detail }: ILoss): string {
  const { trans } = language;
  if (memory !== null) {
    return trans.__('%1 of memory', bytes(language, memory));
  }
  if (kind === 'files' && size !== null) {
    const files = detail === '1' ? trans.__('1 file') : trans.__('%1 files', detail ?? '?');
    return `${files}, ${bytes(language, size)}`;
  }
  return '';
}

/** Describe what every stop deletes. AWS: only `/home/ec2-user/SageMaker` persists (Developer Guide, "Maintenance"). */
export function alwaysLost({ trans }: Language): [string, string] {
  return [
    trans.__('Everything outside SageMaker/'),
    trans.__(
      'files in the home folder, packages added since the last start, what runs in terminals'
    )
  ];
}

/** List what is restored. */
export function comesBack({ trans }: Language, stops: boolean): string[] {
  return [
    trans.__('The files in SageMaker/'),
    trans.__('The open documents, their layout, and your settings'),
    trans.__('Terminals, each in its folder'),
    stops
      ? trans.__('The same address, once someone has started the instance')
      : trans.__('The same address')
  ];
}

/** Say why the restart cannot be confirmed yet. */
export function confirmFirst({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('To stop now, tick each line above. “When idle” waits until nothing is cut off.')
    : trans.__('To restart now, tick each line above. “When idle” waits until nothing is cut off.');
}

/** Describe a risk, and what it means. */
export function riskItem(language: Language, { code, subject, detail }: IRisk): [string, string] {
  const { trans } = language;
  switch (code) {
    case 'start-was-slow':
      return [
        trans.__(
          'At risk: its start script took %1 the last time',
          language.duration(Number(subject))
        ),
        trans.__(
          'AWS fails a start after %1 minutes; tell whoever manages it',
          Math.round(Number(detail) / 60)
        )
      ];
    case 'volume-nearly-full':
      return [
        trans.__('At risk: the volume is nearly full (%1 free)', bytes(language, Number(detail))),
        trans.__('make room first, or a document may not be saved')
      ];
    case 'restarted-recently':
      return [
        trans.__('It came back from a restart only at %1', language.dateTime(subject)),
        trans.__('another one is hardly needed')
      ];
    default:
      return [trans.__('At risk: %1', subject || code), ''];
  }
}
