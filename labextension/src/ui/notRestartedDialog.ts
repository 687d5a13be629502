/**
 * Show why nothing was stopped.
 */
import { findingText } from '../i18n/findings';
import type { Language } from '../i18n/language';
import type { IFinding } from '../server/protocol';
import { button, element, listItem, listSection } from './dom';
import { Modal } from './modal';

/** Create the dialog "Not restarted", with one line for each finding. */
export function notRestartedDialog(
  language: Language,
  findings: IFinding[],
  tryAgain: () => void,
  close: () => void
): Modal {
  const { trans } = language;
  const lines = findings.map(finding => findingLine(language, finding));
  return new Modal({
    role: 'alertdialog',
    title: trans.__('Not restarted'),
    body: [
      element('p', 'jp-NbUpdater-text', trans.__('Nothing was stopped. You can work on.')),
      listSection(trans.__('What was in the way'), ...lines)
    ],
    buttons: [
      button(trans.__('Close'), 'reject', close),
      button(trans.__('Try again'), 'accept', tryAgain)
    ],
    onEscape: close
  });
}

function findingLine(language: Language, finding: IFinding): HTMLLIElement {
  const { text, todo, detail } = findingText(language, finding);
  const line = listItem(text, todo);
  if (detail) {
    line.append(element('code', 'jp-NbUpdater-code', detail));
  }
  return line;
}
