/**
 * The dialogs that only tell: why nothing was stopped, what a restart brought, and why one is advised.
 */
import { button, element } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import { item, link, section } from './parts';
import type { IFinding, IOutcome, ISignalReport, IState } from './protocol';
import { levelWord, reasonWords } from './words/banner';
import { findingWords } from './words/findings';
import { changeItem, outcomeSentence } from './words/outcome';
import * as signals from './words/signals';

/** "Not restarted": one line per finding. */
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

/** "Restarted": before and after. */
export function restarted(language: Language, outcome: IOutcome, close: () => void): Modal {
  const { trans } = language;
  const changes = outcome.changes.map(change => item(changeItem(language, change)));
  return new Modal({
    role: 'dialog',
    title: trans.__('Restarted'),
    body: [
      element('p', 'jp-NbUpdater-text', outcomeSentence(language, outcome)),
      ...(changes.length > 0 ? [section(trans.__('What changed'), ...changes)] : [])
    ],
    buttons: [button(trans.__('Close'), 'accept', close)],
    onEscape: close
  });
}

/**
 * "Why?": each signal, what it says, and what it goes by; and what a restart that was asked for waits for.
 *
 * @param now - the server's clock, in milliseconds since the epoch
 */
export function why(language: Language, state: IState, now: number): Modal {
  const { trans } = language;
  const { level, deadline } = state.advice;
  const waits = state.restart.waiting_for.map(reason => item(reasonWords(language, reason, now)));
  const close = () => {
    modal.dispose();
  };
  const until = language.date(deadline);
  const modal = new Modal({
    role: 'dialog',
    title: trans.__('Why restart this notebook instance?'),
    body: [
      element(
        'p',
        'jp-NbUpdater-text',
        until
          ? trans.__('%1, by %2.', levelWord(language, level), until)
          : `${levelWord(language, level)}.`
      ),
      ...(waits.length > 0 ? [section(trans.__('The restart waits for'), ...waits)] : []),
      ...state.advice.signals.map(signal => signalSection(language, signal))
    ],
    buttons: [button(trans.__('Close'), 'accept', close)],
    onEscape: close
  });
  return modal;
}

function findingLine(language: Language, finding: IFinding): HTMLLIElement {
  const { text, todo, detail } = findingWords(language, finding);
  const line = item(text, todo);
  if (detail) {
    line.append(element('code', 'jp-NbUpdater-code', detail));
  }
  return line;
}

function signalSection(language: Language, signal: ISignalReport): HTMLElement {
  const { trans } = language;
  const name = signals.signalName(language, signal);
  const state = signals.signalState(language, signal);
  const lines = [
    item(signals.signalSentence(language, signal)),
    ...signals
      .signalEvidence(language, signal)
      .map(([label, value]) => item(trans.__('%1: %2', label, value)))
  ];
  if (signal.link) {
    lines.push(element('li', 'jp-NbUpdater-item', link(trans.__('What AWS says'), signal.link)));
  }
  return section(trans.__('%1: %2', name, state), ...lines);
}
