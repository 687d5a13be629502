/**
 * What is said while a restart runs: the page must have it before the server goes.
 */
import type { Language } from '../i18n';
import type { IState, Phase } from '../protocol';

/** Where a tab is: in a phase of the server, or past them. */
export type Stage = Phase | 'back' | 'unsaved';

/** The stage in words. */
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

/** What to do while it is away; `null` while there is nothing to do but wait. */
export function patience({ trans }: Language, seconds: number, stops: boolean): string | null {
  if (stops) {
    return trans.__('When someone has started it again, this page loads by itself.');
  }
  if (seconds < 90) {
    return null;
  }
  return seconds < 900
    ? trans.__('This usually takes 3 to 10 minutes. You can leave this page open.')
    : trans.__('This takes longer than usual. Look at the instance in the AWS console.');
}

/** The lines that start an instance by hand; '' when its name is not known. */
export function startCommand({ instance }: IState): string {
  return instance.name
    ? `aws sagemaker start-notebook-instance --notebook-instance-name ${instance.name}`
    : '';
}
