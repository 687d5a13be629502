/**
 * Build the lists of the dialog before a restart: what is saved, what is lost, what is restored.
 */
import * as words from '../i18n/confirm';
import { riskItem } from '../i18n/confirm';
import type { Language } from '../i18n/language';
import { startCommand } from '../i18n/progress';
import { keptFilesItem } from '../i18n/restarted';
import type { IDocument, IHold, ILoss, IState } from '../server/protocol';
import { element, link, listItem, listSection } from './dom';

/** What the dialog knows at one time. */
export interface IConfirmFacts {
  state: IState;
  /** What this page has open, which the server may not know yet. */
  documents: readonly IDocument[];
  hold: IHold | null;
  /** Milliseconds since the epoch. */
  now: number;
}

/** How the id begins that confirms a move to another platform. */
export const MIGRATION_PREFIX = 'migration:';

/** Create a line with a checkbox, by the id of what it confirms. */
export type ConfirmableItem = (id: string, text: string, remark?: string) => HTMLLIElement;

/**
 * Build all lists, in the order in which they are read.
 *
 * @param stops - whether nothing starts the instance again
 */
export function confirmSections(
  language: Language,
  { state, documents, hold, now }: IConfirmFacts,
  stops: boolean,
  confirmable: ConfirmableItem
): HTMLElement[] {
  const { trans } = language;
  const { rescued, losses, lost_tabs: tabs } = state.work;
  const saved = merged(state.work.documents, documents).map(document => {
    const copies = rescued.filter(({ path }) => path === document.path);
    return copies.length > 0
      ? confirmable(`rescued:${document.path}`, words.copyChoice(language, document.path, copies))
      : listItem(...words.savedItem(language, document));
  });
  const lost = inOrder(losses).map(loss => {
    const [name, remark] = words.lostItem(language, loss, now);
    return loss.busy ? confirmable(loss.id, name, remark) : listItem(name, remark);
  });
  const lostTabs = tabs.map(tab => confirmable(tab.id, words.lostTabChoice(language, tab)));
  const target = stops ? null : state.instance.moves_to;
  const moves = target
    ? [
        confirmable(
          `${MIGRATION_PREFIX}${target}`,
          ...words.moveChoice(language, state.instance.platform, target)
        )
      ]
    : [];
  const held = hold ? [confirmable(`hold:${hold.since}`, words.holdChoice(language, hold))] : [];
  return [
    element('p', 'jp-NbUpdater-text', words.confirmIntroduction(language, stops)),
    ...(stops ? [howToStart(language, state)] : []),
    ...(held.length > 0 ? [listSection(trans.__('Held'), ...held)] : []),
    ...(moves.length > 0 ? [listSection(trans.__('Moves to another platform'), ...moves)] : []),
    listSection(
      trans.__('Will be saved'),
      ...(saved.length > 0 ? saved : [listItem(trans.__('No document is open'))])
    ),
    // What every stop wipes comes first: a long list of kernels must not hide it.
    listSection(
      trans.__('Will be lost'),
      listItem(...words.alwaysLost(language)),
      ...lostTabs,
      ...lost
    ),
    listSection(
      trans.__('Comes back'),
      ...words.comesBack(language, stops).map(text => listItem(text)),
      ...(state.restore.available.length > 0
        ? [listItem(...keptFilesItem(language, state.restore))]
        : []),
      ...state.risks.map(risk => listItem(...riskItem(language, risk)))
    )
  ];
}

/** Say who starts the instance, and how. */
function howToStart({ trans }: Language, state: IState): HTMLElement {
  const command = startCommand(state);
  const how = element('div', 'jp-NbUpdater-startCommand');
  if (state.instance.console_url) {
    how.append(
      element(
        'p',
        'jp-NbUpdater-text',
        link(trans.__('Start it in the AWS console'), state.instance.console_url)
      )
    );
  }
  if (command) {
    how.append(
      element('p', 'jp-NbUpdater-text', trans.__('or from a command line elsewhere:')),
      element('code', 'jp-NbUpdater-code', command)
    );
  }
  return how;
}

/** Merge what all tabs have open with what this tab knows and the server may not yet; unsaved documents first. */
function merged(everywhere: readonly IDocument[], here: readonly IDocument[]): IDocument[] {
  const dirty = new Map(everywhere.map(document => [document.path, document.dirty]));
  for (const document of here) {
    dirty.set(document.path, document.dirty || (dirty.get(document.path) ?? false));
  }
  return [...dirty]
    .map(([path, isDirty]) => ({ path, dirty: isDirty }))
    .sort((a, b) => Number(b.dirty) - Number(a.dirty) || (a.path < b.path ? -1 : 1));
}

/** Sort losses so that those come first that have to be confirmed. */
function inOrder(losses: readonly ILoss[]): ILoss[] {
  return [...losses].sort((a, b) => Number(b.busy) - Number(a.busy));
}
