/**
 * Describe how a restart ended: the outcome, what was restored, what was not, and which files can be kept.
 */
import type {
  IChange,
  IDotfiles,
  INotRestored,
  IOutcome,
  IRestore,
  IRestored
} from '../server/protocol';
import { componentVersion } from './format';
import type { Language } from './language';

/** The file with everything that is to be restored; named when it cannot be read. */
const STATE_FILE = 'restore.json';

/** Describe what was restored, in the order in which somebody looks for it. */
export function restoredItems(language: Language, back: IRestored[]): [string, string][] {
  const { trans } = language;
  const count = (kind: string) =>
    back.filter(one => one.kind === kind).reduce((sum, { count }) => sum + count, 0);
  const [documents, terminals] = [count('workspaces'), count('terminal')];
  const files = back.filter(({ kind }) => kind === 'files');
  const folders = back.filter(({ kind }) => kind === 'terminal').map(({ detail }) => detail);
  const items: [string, string][] = [];
  if (documents > 0) {
    items.push([trans._n('%1 document reopened', '%1 documents reopened', documents), '']);
  }
  if (terminals > 0) {
    items.push([
      trans._n('%1 terminal in its folder', '%1 terminals in their folders', terminals),
      folders.filter(folder => folder !== '').join(', ')
    ]);
  }
  if (count('settings') > 0) {
    items.push([trans.__('Your settings'), '']);
  }
  if (files.length > 0) {
    const names = files.map(({ name }) => dotfilesName(language, name));
    items.push([trans.__('Files that you keep'), names.join(', ')]);
  }
  return items;
}

/** Describe something that was not restored, and why. */
export function notRestoredItem(language: Language, missing: INotRestored): [string, string] {
  const { trans } = language;
  const { kind, detail } = missing;
  const name = notRestoredName(language, missing);
  const file = kind === 'files' ? `~/${detail}` : detail;
  const text = detail && kind !== 'terminal' ? trans.__('%1 (%2)', name, file) : name;
  return [text, notRestoredReason(language, missing)];
}

function notRestoredName(language: Language, { kind, name }: INotRestored): string {
  const { trans } = language;
  if (name === STATE_FILE) {
    return trans.__('The desk');
  }
  switch (kind) {
    case 'workspaces':
      return trans.__('A layout');
    case 'settings':
      return trans.__('Settings');
    case 'terminal':
      return trans.__('Terminal %1', name);
    case 'files':
      return dotfilesName(language, name);
    default:
      return name;
  }
}

/** Say why something was not restored, or could not be saved to be restored. */
export function notRestoredReason(
  { trans }: Language,
  { code, detail }: Pick<INotRestored, 'code' | 'detail'>
): string {
  switch (code) {
    case 'folder-gone':
      return trans.__('its folder %1 is gone; it is open in the nearest one above', detail);
    case 'exists':
      return trans.__('another one was there already, and stays');
    case 'too-large':
      return trans.__('it is too large to be kept');
    case 'too-many':
      return trans.__('there are too many to be kept');
    case 'unreadable':
    case 'not-readable':
      return trans.__('it could not be read');
    case 'not-written':
      return trans.__('it could not be written');
    case 'not-plain':
      return trans.__('it is a link, or no plain file');
    case 'broken':
      return trans.__('it is damaged');
    case 'secret':
      return trans.__('what is secret in it was left out');
    case 'no-terminals':
      return trans.__('this server has no terminals');
    case 'not-opened':
      return trans.__('it could not be opened');
    case 'unknown-format':
      return trans.__('a newer version has kept it');
    case 'failed':
      return trans.__("something went wrong, the server's log says what");
    default:
      return code;
  }
}

/** Name a set of files of the home folder. */
export function dotfilesName({ trans }: Language, id: string): string {
  switch (id) {
    case 'git':
      return trans.__('Git settings');
    case 'aws':
      return trans.__('AWS settings');
    case 'history':
      return trans.__('Shell history');
    case 'ipython':
      return trans.__('IPython settings');
    default:
      return id;
  }
}

/** Describe a set of files that can be kept, and what to know before. */
export function dotfilesItem(
  language: Language,
  { id, paths, exists }: IDotfiles
): [string, string] {
  const { trans } = language;
  const remarks = [
    paths.join(', '),
    caution(language, id),
    exists ? '' : trans.__('there is none now')
  ];
  return [dotfilesName(language, id), remarks.filter(remark => remark !== '').join('; ')];
}

function caution({ trans }: Language, id: string): string {
  switch (id) {
    case 'aws':
      return trans.__('without credentials');
    case 'history':
      return trans.__('may hold passwords that were typed on a command line');
    default:
      return '';
  }
}

/** Describe which files of the home folder are kept. */
export function keptFilesItem(language: Language, { enabled }: IRestore): [string, string] {
  const { trans } = language;
  const names = enabled.map(id => dotfilesName(language, id));
  return [trans.__('From the home folder'), names.join(', ') || trans.__('nothing')];
}

/** Describe the outcome of the restart. */
export function outcomeSentence(language: Language, outcome: IOutcome): string {
  const { trans } = language;
  const took = outcome.seconds === null ? null : language.duration(outcome.seconds);
  switch (outcome.outcome) {
    case 'updated':
      return took
        ? trans.__('The notebook instance is back after %1, with updates.', took)
        : trans.__('The notebook instance is back, with updates.');
    case 'failed-to-return':
      return failedToReturn(language, outcome);
    default:
      return took
        ? trans.__('The notebook instance is back after %1. Nothing changed.', took)
        : trans.__('The notebook instance is back. Nothing changed.');
  }
}

/** Say when the instance was expected, and when it was back. */
function failedToReturn(language: Language, { expected, returned }: IOutcome): string {
  const { trans } = language;
  const [by, at] = [language.dateTime(expected), language.dateTime(returned)];
  const what = trans.__('The instance did not come back by itself: someone else started it.');
  return by && at
    ? `${what} ${trans.__('It was expected by %1, and was back at %2.', by, at)}`
    : what;
}

/** Describe a changed component, e.g. "JupyterLab 4.5.11 → 4.6.6". */
export function changeItem({ trans }: Language, change: IChange): string {
  const none = trans.__('none');
  return componentVersion(change.name, `${change.before ?? none} → ${change.after ?? none}`);
}
