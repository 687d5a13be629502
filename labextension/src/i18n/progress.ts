/**
 * Describe a restart while it runs, and how far one came that failed: the page must have these texts before the server
 * goes away.
 */
import type { IRestart, IState, Phase } from '../server/protocol';
import type { Language } from './language';

/** Where a tab is: in a phase of the restart, or after it. */
export type Stage = Phase | 'back' | 'unsaved';

/** Describe a stage. */
export function stageSentence({ trans }: Language, stage: Stage, stops: boolean): string {
  switch (stage) {
    case 'back':
      return trans.__('The notebook instance is running again. Reloading…');
    case 'unsaved':
      return trans.__(
        'The notebook instance is running again. This browser tab changed after it was saved: reloading loses those changes.'
      );
    case 'preflight':
      return trans.__('Checking that the instance can stop and start again…');
    case 'saving':
      return trans.__('Saving every document and verifying the files…');
    case 'arming':
      return trans.__('Arranging the restart…');
    default:
      return stops
        ? trans.__('Everything is saved. The instance is stopping.')
        : trans.__(
            'Everything is saved. The instance is restarting; this page reloads automatically.'
          );
  }
}

/** When a restart takes long and nobody knows how long it usually does. */
const DEFAULT_LONG_SECONDS = 900;

/** When the first hint appears. */
const FIRST_HINT_SECONDS = 90;

/** A hint about how long it takes. */
export interface IWaitHint {
  text: string;
  /** Whether it takes so long that somebody should look. */
  isLong: boolean;
}

/**
 * Say what to do while the instance is away; `null` while there is nothing to do but wait.
 *
 * A session with Jupyter ends after 12 hours at most, and is begun in the console (API Reference,
 * CreatePresignedNotebookInstanceUrl).
 *
 * @param seconds - since the restart began
 */
export function waitHint(
  { trans }: Language,
  seconds: number,
  { stops_only, usual_seconds: usual }: IRestart
): IWaitHint | null {
  if (stops_only) {
    const text = trans.__('This page reloads automatically once someone has started the instance.');
    return { text, isLong: true };
  }
  if (seconds >= (usual === null ? DEFAULT_LONG_SECONDS : usual + Math.max(60, usual / 2))) {
    const text = trans.__(
      'This takes longer than usual. Check the instance in the AWS console. If its status is InService and this page does not reload, your session may have expired: open Jupyter from the console.'
    );
    return { text, isLong: true };
  }
  if (usual === null) {
    const text = trans.__(
      'A restart usually takes 3 to 10 minutes. Keep this page open, or come back later.'
    );
    return seconds < FIRST_HINT_SECONDS ? null : { text, isLong: false };
  }
  const minutes = Math.round(usual / 60);
  const text =
    minutes > 0
      ? trans._n(
          'A restart usually takes about %1 minute here. Keep this page open, or come back later.',
          'A restart usually takes about %1 minutes here. Keep this page open, or come back later.',
          minutes
        )
      : trans.__(
          'A restart usually takes less than a minute here. Keep this page open, or come back later.'
        );
  return { text, isLong: false };
}

/** Say how to come back once the session of the browser has ended. */
export function signedOutHint({ trans }: Language): IWaitHint {
  const text = trans.__(
    'You are signed out. To see whether the instance is running again, open Jupyter from the AWS console.'
  );
  return { text, isLong: true };
}

/** Return the command that starts the instance by hand; '' when its name is unknown. */
export function startCommand({ instance }: IState): string {
  return instance.name
    ? `aws sagemaker start-notebook-instance --notebook-instance-name ${instance.name}`
    : '';
}

/** What is known about the stop of a restart that has ended too early. */
export type StopKnowledge = 'not-requested' | 'possible' | 'restarted';

/** What AWS answers, or does not, when a stop may be carried out nevertheless. */
const UNDECIDED_CODES = ['unreachable', 'aws-error', 'timeout', 'interrupted', 'unexpected'];

/** The operation and the phases in which the stop is requested. */
const STOP_SUBJECTS = ['StopNotebookInstance', 'stopping', 'away'];

/** Return whether the instance may still stop, or has even restarted, although the restart counts as failed. */
export function stopKnowledge({ phase, findings }: IRestart): StopKnowledge {
  if (phase !== 'failed') {
    return 'not-requested';
  }
  if (findings.some(({ subject }) => subject === 'verifying')) {
    return 'restarted';
  }
  const isPossible = findings.some(
    ({ code, subject }) =>
      code === 'stop-not-carried-out' ||
      (UNDECIDED_CODES.includes(code) && STOP_SUBJECTS.includes(subject ?? ''))
  );
  return isPossible ? 'possible' : 'not-requested';
}

/** Say what happened to the instance. */
export function stopSentence({ trans }: Language, knowledge: StopKnowledge): string {
  switch (knowledge) {
    case 'possible':
      return trans.__(
        'AWS was asked to stop the instance and may still do so. Save what you change.'
      );
    case 'restarted':
      return trans.__('The instance has restarted, but the result could not be checked.');
    default:
      return trans.__('Nothing was stopped. You can continue working.');
  }
}

/** Title the dialog. */
export function notRestartedTitle({ trans }: Language, { stops_only }: IRestart): string {
  return stops_only ? trans.__('Not stopped') : trans.__('Not restarted');
}

/** Say in a notification that somebody's restart did not happen. */
export function refusalNotice({ trans }: Language, restart: IRestart): string {
  return stopKnowledge(restart) === 'possible'
    ? trans.__('The instance may still stop: a restart failed halfway.')
    : restart.when === 'now'
      ? trans.__('The restart that someone requested did not happen.')
      : trans.__('The scheduled restart did not happen.');
}
