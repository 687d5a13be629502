/**
 * What is said before, during and after a restart.
 */
import type { Language } from '../i18n';
import type { IChange, IDocument, ILoss, IOutcome, IRestart, IState, Phase } from '../protocol';

/** The button that leads to a restart, or to a stop when nobody starts the instance again. */
export function restartLabel({ trans }: Language, stops: boolean): string {
  return stops ? trans.__('Save all and stop') : trans.__('Save all and restart');
}

/** The same in the menu and the command palette, where it opens a question. */
export function commandLabel({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('Save All and Stop Notebook Instance…')
    : trans.__('Save All and Restart Notebook Instance…');
}

/** The sheet's question. */
export function sheetTitle({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('Stop this notebook instance?')
    : trans.__('Restart this notebook instance?');
}

/** How long it takes, or that it does not come back by itself. */
export function sheetIntroduction({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__(
        'Updates are installed when the instance starts. Nothing starts it again by itself: you, or whoever manages it, must do that.'
      )
    : trans.__(
        'Updates are installed when the instance starts. It is away for a few minutes, then this page loads again by itself.'
      );
}

/** One document of "Will be saved". */
export function savedItem({ trans }: Language, document: IDocument): [string, string] {
  return [document.path, document.dirty ? trans.__('unsaved changes') : ''];
}

/** One loss of "Will be lost": what it is, and what goes with it. */
export function lostItem({ trans }: Language, loss: ILoss): [string, string] {
  if (loss.kind === 'kernel') {
    return [
      loss.kernel
        ? trans.__('The running kernel of %1 (%2)', loss.name, loss.kernel)
        : trans.__('The running kernel of %1', loss.name),
      loss.busy
        ? trans.__('busy: its computation is cut off')
        : trans.__('idle: its variables are lost')
    ];
  }
  return [loss.name, loss.kind];
}

/** What every stop wipes. AWS: only `/home/ec2-user/SageMaker` persists (Developer Guide, "Maintenance"). */
export function alwaysLost({ trans }: Language): [string, string] {
  return [
    trans.__('Everything outside SageMaker/'),
    trans.__('files in the home folder, packages added since the last start, terminals')
  ];
}

/** The list "Comes back". */
export function comesBack({ trans }: Language, stops: boolean): string[] {
  return [
    trans.__('The files in SageMaker/'),
    trans.__('The open documents'),
    stops
      ? trans.__('The same address, once someone has started the instance')
      : trans.__('The same address')
  ];
}

/** The title while a restart runs. */
export function runningTitle({ trans }: Language, restart: IRestart): string {
  return restart.stops_only ? trans.__('Stopping') : trans.__('Restarting');
}

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

/** What came of the restart. */
export function outcomeSentence(language: Language, outcome: IOutcome): string {
  const { trans } = language;
  const took = outcome.seconds === null ? null : language.duration(outcome.seconds);
  switch (outcome.outcome) {
    case 'updated':
      return took
        ? trans.__('The notebook instance is back after %1, with updates.', took)
        : trans.__('The notebook instance is back, with updates.');
    case 'failed-to-return':
      return trans.__('The instance did not come back by itself: someone else started it.');
    default:
      return took
        ? trans.__('The notebook instance is back after %1. Nothing changed.', took)
        : trans.__('The notebook instance is back. Nothing changed.');
  }
}

/** One changed component: its name, and what it was and is, e.g. "JupyterLab 4.5.11 → 4.6.6". */
export function changeItem({ trans }: Language, change: IChange): string {
  const none = trans.__('none');
  return `${componentName(change.name)} ${change.before ?? none} → ${change.after ?? none}`.trim();
}

/** The lines that start an instance by hand; '' when its name is not known. */
export function startCommand({ instance }: IState): string {
  return instance.name
    ? `aws sagemaker start-notebook-instance --notebook-instance-name ${instance.name}`
    : '';
}

/** Names of products are not translated; the release of the operating system names itself. */
function componentName(name: string): string {
  const names: Record<string, string> = {
    kernel: 'Linux kernel',
    python: 'Python',
    os_release: '',
    jupyterlab: 'JupyterLab',
    notebook: 'Notebook',
    jupyter_server: 'Jupyter Server',
    boto3: 'boto3',
    sagemaker: 'SageMaker Python SDK',
    platform: 'Platform'
  };
  return names[name] ?? name;
}
