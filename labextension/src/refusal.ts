/**
 * "Not restarted": why nothing was stopped.
 */
import { button, element } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import { item, section } from './parts';
import type { IFinding } from './protocol';
import { findingWords } from './words/findings';

/** One line per finding. */
export function refusal(
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
      section(trans.__('What was in the way'), ...lines)
    ],
    buttons: [
      button(trans.__('Close'), 'reject', close),
      button(trans.__('Try again'), 'accept', tryAgain)
    ],
    onEscape: close
  });
}

function findingLine(language: Language, finding: IFinding): HTMLLIElement {
  const { text, todo, detail } = findingWords(language, finding);
  const line = item(text, todo);
  if (detail) {
    line.append(element('code', 'jp-NbUpdater-code', detail));
  }
  return line;
}
