/**
 * Build the lists of the dialog before a restart: the risks, what is saved, what is lost, what is restored, and what must
 * be confirmed.
 */
import * as words from '../i18n/confirm';
import type { Language } from '../i18n/language';
import { startCommand } from '../i18n/progress';
import { keptFilesItem } from '../i18n/restarted';
import type { IDocument, IHold, IState } from '../server/protocol';
import type { IChoice } from './confirmChoices';
import { addFolded, element, link, listItem, listSection } from './dom';

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

/** How many lines of a list are in sight; more are folded away. */
const MAX_LINES = 5;

/** Return the element that folds away what is too long for this list: the same each time, or it would fold again. */
export type Fold = (list: string) => HTMLDetailsElement;

/**
 * Build all lists, in the order in which they are read. A group without anything in it has none.
 *
 * @param stops - whether nothing starts the instance again
 */
export function confirmSections(
  language: Language,
  { state, documents, now }: IConfirmFacts,
  stops: boolean,
  fold: Fold
): HTMLElement[] {
  const { trans } = language;
  const { rescued, losses } = state.work;
  const copied = new Set(rescued.map(({ path }) => path));
  const saved = merged(state.work.documents, documents).filter(({ path }) => !copied.has(path));
  const idle = losses.filter(({ busy }) => !busy);
  const busy = losses.length - idle.length;
  const section = (heading: string, items: HTMLElement[], lines = MAX_LINES) =>
    items.length > 0 ? [longList(language, heading, items, lines, fold)] : [];
  const always = [
    listItem(...words.alwaysLost(language, losses)),
    ...(busy > 0 ? [listItem(words.confirmedBelow(language, busy))] : [])
  ];
  return [
    element('p', 'jp-NbUpdater-text', words.confirmIntroduction(language, stops)),
    ...(stops ? [howToStart(language, state)] : []),
    ...section(
      trans.__('Risks'),
      state.risks.map(risk => listItem(...words.riskItem(language, risk)))
    ),
    ...section(
      trans.__('Will be saved'),
      saved.map(document => listItem(...words.savedItem(language, document)))
    ),
    // What every stop wipes comes first: a long list of kernels must not hide it.
    ...section(
      trans.__('Will be lost'),
      [...always, ...idle.map(loss => listItem(...words.lostItem(language, loss, now)))],
      always.length + MAX_LINES
    ),
    ...section(trans.__('Will be restored'), [
      ...words.restoredFacts(language, stops).map(text => listItem(text)),
      ...(state.restore.available.length > 0
        ? [listItem(keptFilesItem(language, state.restore))]
        : [])
    ])
  ];
}

/** Return what must be confirmed one by one: what changes the instance itself first. */
export function confirmChoices(
  language: Language,
  { state, documents, hold, now }: IConfirmFacts,
  stops: boolean
): IChoice[] {
  const { losses, lost_tabs: tabs, rescued } = state.work;
  const target = stops ? null : state.instance.moves_to;
  const choice = (id: string, [text, remark]: [string, string], isGrave = false): IChoice => ({
    id,
    text,
    remark,
    isGrave
  });
  const copies = merged(state.work.documents, documents).flatMap(({ path }) => {
    const found = rescued.filter(copy => copy.path === path);
    const paths = [path, ...found.map(({ copy }) => copy)];
    return found.length > 0
      ? [{ id: `rescued:${path}`, text: words.copyChoice(language, path, found), paths }]
      : [];
  });
  return [
    ...(hold ? [choice(`hold:${hold.since}`, words.holdItem(language, hold), true)] : []),
    ...(target
      ? [
          choice(
            `${MIGRATION_PREFIX}${target}`,
            words.moveChoice(language, state.instance.platform, target),
            true
          )
        ]
      : []),
    ...copies,
    ...tabs.map(tab => ({ id: tab.id, text: words.lostTabChoice(language, tab) })),
    ...losses
      .filter(({ busy }) => busy)
      .map(loss => choice(loss.id, words.lostItem(language, loss, now)))
  ];
}

/** Create a list of which only so many lines are in sight. */
function longList(
  language: Language,
  heading: string,
  items: HTMLElement[],
  lines: number,
  fold: Fold
): HTMLElement {
  const count = items.length <= lines + 1 ? items.length : lines; // a line for one more is as long as that one
  const node = listSection(heading, ...items.slice(0, count));
  const rest = items.slice(count);
  if (rest.length > 0) {
    addFolded(node, fold(heading), words.more(language, rest.length), ...rest);
  }
  return node;
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
        link(trans.__('Start the instance in the AWS console'), state.instance.console_url)
      )
    );
  }
  if (command) {
    how.append(
      element('p', 'jp-NbUpdater-text', trans.__('Or run this command on another computer:')),
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
