/**
 * Show why a restart did not happen: in a dialog to whoever asked for it, in a notification to everybody else.
 */
import type { Notification } from '@jupyterlab/apputils';

import { findingText } from '../i18n/findings';
import type { Language } from '../i18n/language';
import { notRestartedTitle, refusalNotice, stopKnowledge, stopSentence } from '../i18n/progress';
import type { UpdateModel } from '../server/model';
import { hasEndedEarly } from '../server/protocol';
import type { IFinding, IRestart } from '../server/protocol';
import { openButton } from './confirmChoices';
import { button, element, listItem, listSection } from './dom';
import { Modal } from './modal';

export interface INotRestartedActions {
  tryAgain: () => void;
  close: () => void;
  /** Open files beside each other, once the dialog is closed. */
  openFiles: (paths: string[]) => void;
}

/** Create the dialog "Not restarted", with one line for each finding. */
export function notRestartedDialog(
  language: Language,
  restart: IRestart,
  { tryAgain, close, openFiles }: INotRestartedActions
): Modal {
  const { trans } = language;
  const lines = restart.findings.map(finding => findingLine(language, finding, openFiles));
  return new Modal({
    role: 'alertdialog',
    title: notRestartedTitle(language, restart),
    body: [
      element('p', 'jp-NbUpdater-text', stopSentence(language, stopKnowledge(restart))),
      ...(lines.length > 0 ? [listSection(trans.__('Reasons'), ...lines)] : [])
    ],
    buttons: [
      button(trans.__('Close'), 'reject', close),
      button(trans.__('Try again'), 'accept', tryAgain)
    ],
    onEscape: close
  });
}

function findingLine(
  language: Language,
  finding: IFinding,
  openFiles: (paths: string[]) => void
): HTMLLIElement {
  const { text, todo, detail } = findingText(language, finding);
  const line = listItem(text, todo);
  if (detail) {
    line.append(element('code', 'jp-NbUpdater-code', detail));
  }
  if (finding.code === 'document-rescued' && finding.subject && finding.detail) {
    line.append(openButton(language, [finding.subject, finding.detail], openFiles));
  }
  return line;
}

/** Notify everybody who did not ask for a restart that it did not happen. Only what concerns them comes into sight. */
export class RefusalNotification {
  /**
   * @param notifications - those of JupyterLab, which the page has loaded already
   * @param show - opens the dialog
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    private readonly notifications: typeof Notification,
    private readonly show: () => void
  ) {}

  /** Notify once for each restart; nothing is left of that when somebody has acknowledged its end. */
  refresh(): void {
    const { language, model, notifications } = this;
    const { trans } = language;
    const { restart } = model.state ?? {};
    const isNews = restart && hasEndedEarly(restart.phase);
    const isForAsker = restart?.when === 'now' && model.isOwnRestart;
    const shown = isNews && !isForAsker ? (restart.id ?? '') : '';
    if (shown === this._shown) {
      return;
    }
    this._shown = shown;
    if (this._id) {
      notifications.dismiss(this._id);
      this._id = '';
    }
    if (restart && shown) {
      const isQuiet = restart.when === 'now' && stopKnowledge(restart) !== 'possible';
      this._id = notifications.emit(refusalNotice(language, restart), 'warning', {
        autoClose: isQuiet ? 0 : false, // 0: only in the list of notifications
        actions: [{ label: trans.__('Details'), callback: this.show }]
      });
    }
  }

  private _shown = '';
  private _id = '';
}
