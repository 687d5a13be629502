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
import { componentVersion, facts } from './format';
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
      language.list(folders.filter(folder => folder !== ''))
    ]);
  }
  if (count('settings') > 0) {
    items.push([trans.__('Your settings'), '']);
  }
  if (files.length > 0) {
    const names = files.map(({ name }) => dotfilesName(language, name));
    items.push([trans.__('Files kept from your home folder'), language.list(names)]);
  }
  return items;
}

/** Describe something that was not restored, and why. */
export function notRestoredItem(language: Language, missing: INotRestored): [string, string] {
  const { trans } = language;
  const { kind, detail } = missing;
  const name = notRestoredName(language, missing);
  const file = kind === 'files' ? `~/${detail}` : detail;
  const text =
    detail && kind !== 'terminal'
      ? trans.__('%1 (%2)', name, file) // what was not restored, and its file
      : name;
  return [text, notRestoredReason(language, missing)];
}

function notRestoredName(language: Language, { kind, name }: INotRestored): string {
  const { trans } = language;
  if (name === STATE_FILE) {
    return trans.__('Session state');
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

/** Say why something was not restored. */
function notRestoredReason(
  { trans }: Language,
  { code, detail }: Pick<INotRestored, 'code' | 'detail'>
): string {
  switch (code) {
    case 'folder-gone':
      return trans.__(
        'the folder %1 is gone; the terminal is open in the nearest folder above',
        detail
      );
    case 'exists':
      return trans.__('an existing file or terminal was kept');
    case 'too-large':
      return trans.__('too large');
    case 'too-many':
      return trans.__('too many');
    case 'unreadable':
    case 'not-readable':
      return trans.__('not readable');
    case 'not-written':
      return trans.__('not writable');
    case 'not-plain':
      return trans.__('not a regular file');
    case 'broken':
      return trans.__('damaged');
    case 'secret':
      return trans.__('secrets were removed');
    case 'no-terminals':
      return trans.__('this Jupyter server has no terminals');
    case 'not-opened':
      return trans.__('could not be opened');
    case 'unknown-format':
      return trans.__('saved by another version of this extension');
    default:
      return trans.__('the log of the Jupyter server says why');
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
    language.list(paths),
    caution(language, id),
    exists ? '' : trans.__('none exists now')
  ];
  return [dotfilesName(language, id), facts(remarks)];
}

function caution({ trans }: Language, id: string): string {
  switch (id) {
    case 'aws':
      return trans.__('without credentials');
    case 'history':
      return trans.__('may contain passwords typed on a command line');
    default:
      return '';
  }
}

/** Describe which files of the home folder are kept. */
export function keptFilesItem(language: Language, { enabled }: IRestore): string {
  const { trans } = language;
  const names = enabled.map(id => dotfilesName(language, id));
  return names.length > 0
    ? trans.__('Files kept from your home folder: %1', language.list(names))
    : trans.__('Files kept from your home folder: none');
}

/** Describe the outcome of the restart. */
export function outcomeSentence(language: Language, outcome: IOutcome): string {
  const { trans } = language;
  const took = outcome.seconds === null ? null : language.duration(outcome.seconds);
  switch (outcome.outcome) {
    case 'updated':
      return took
        ? trans.__('The notebook instance restarted in %1 and was updated.', took)
        : trans.__('The notebook instance restarted and was updated.');
    case 'failed-to-return':
      return failedToReturn(language, outcome);
    default:
      return took
        ? trans.__('The notebook instance restarted in %1. No update was found.', took)
        : trans.__('The notebook instance restarted. No update was found.');
  }
}

/** Say when the instance was expected, and when it was back. */
function failedToReturn(language: Language, { expected, returned }: IOutcome): string {
  const { trans } = language;
  const [by, at] = [language.dateTime(expected), language.dateTime(returned)];
  return by && at
    ? trans.__(
        'The instance did not start automatically: someone started it. It was expected by %1 and started at %2.',
        by,
        at
      )
    : trans.__('The instance did not start automatically: someone started it.');
}

/** Describe a changed component, e.g. "JupyterLab 4.5.11 → 4.6.6". */
export function changeItem({ trans }: Language, change: IChange): string {
  const before = change.before && componentVersion(change.name, change.before);
  if (!before || !change.after) {
    const version = componentVersion(change.name, change.before ?? change.after ?? '');
    return before ? trans.__('%1: removed', version) : trans.__('%1: new', version);
  }
  return trans.__('%1 → %2', before, change.after); // a name and its version before a restart, and the version after it
}
