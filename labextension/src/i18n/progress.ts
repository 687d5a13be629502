/**
 * Describe a running restart: the page must have these texts before the server goes away.
 */
import type { IRestart, IState, Phase } from '../server/protocol';
import type { Language } from './language';

/** Where a tab is: in a phase of the restart, or after it. */
export type Stage = Phase | 'back' | 'unsaved';

/** Describe a stage. */
export function stageSentence({ trans }: Language, stage: Stage, stops: boolean): string {
  switch (stage) {
    case 'back':
      return trans.__('The notebook instance is back. Loading this page again…');
    case 'unsaved':
      return trans.__(
        'The notebook instance is back. This tab changed after it was saved: reloading loses those changes.'
      );
    case 'preflight':
      return trans.__('Checking that the instance may stop, and that it comes back…');
    case 'saving':
      return trans.__('Saving every document and reading it back…');
    case 'arming':
      return trans.__('Making sure that the instance is started again…');
    default:
      return stops
        ? trans.__('Everything is saved. The instance is stopping.')
        : trans.__(
            'Everything is saved. The instance stops and starts again; this page loads by itself.'
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
    const text = trans.__('When someone has started it again, this page loads by itself.');
    return { text, isLong: true };
  }
  if (seconds >= (usual === null ? DEFAULT_LONG_SECONDS : usual + Math.max(60, usual / 2))) {
    const text = trans.__(
      'This takes longer than usual. Look at the instance in the AWS console. If it is in service there and this page does not load, its session may have expired: open the notebook from the console.'
    );
    return { text, isLong: true };
  }
  if (usual === null) {
    const text = trans.__('This usually takes 3 to 10 minutes. You can leave this page open.');
    return seconds < FIRST_HINT_SECONDS ? null : { text, isLong: false };
  }
  const minutes = Math.round(usual / 60);
  const text =
    minutes > 0
      ? trans._n('Usually about %1 minute here.', 'Usually about %1 minutes here.', minutes)
      : trans.__('Usually less than a minute here.');
  return { text: `${text} ${trans.__('You can leave this page open.')}`, isLong: false };
}

/** Return the command that starts the instance by hand; '' when its name is not known. */
export function startCommand({ instance }: IState): string {
  return instance.name
    ? `aws sagemaker start-notebook-instance --notebook-instance-name ${instance.name}`
    : '';
}
