/**
 * List what must be confirmed before a restart, each with a box of its own. The list does not scroll away: it stands right
 * above the button that waits for it.
 */
import * as words from '../i18n/confirm';
import type { Language } from '../i18n/language';
import { button, checkboxItem, element, listSection } from './dom';

/** Up to so many boxes there is none that selects them all. */
const MAX_WITHOUT_ALL = 3;

/** Something that must be confirmed. */
export interface IChoice {
  id: string;
  text: string;
  remark?: string;
  /** It changes more than what runs now, so it is never selected along with others. */
  isGrave?: boolean;
  /** A document and its rescue copies, which can be opened beside each other. */
  paths?: string[];
}

export class ConfirmChoices {
  /**
   * @param heading - names the list
   * @param changed - called when something was confirmed, or is no longer
   * @param openFiles - opens files beside each other
   */
  constructor(
    private readonly language: Language,
    private readonly heading: string,
    private readonly changed: () => void,
    private readonly openFiles: (paths: string[]) => void
  ) {}

  readonly node = element('div', 'jp-NbUpdater-choices');

  /** The ids of everything that was confirmed, also of what is no longer listed. */
  get confirmed(): string[] {
    return [...this._confirmed];
  }

  /** The ids of what is listed and not confirmed. */
  get missing(): string[] {
    return [...this._boxes.keys()].filter(id => !this._confirmed.has(id));
  }

  /** Replace the list. What was confirmed stays so, and a box that has the focus keeps it. */
  show(choices: IChoice[]): void {
    const focused = [...this._boxes].find(([, box]) => box === document.activeElement)?.[0];
    this._boxes.clear();
    this._all = null;
    const lines = (some: IChoice[]) => some.map(choice => this.line(choice));
    const grave = lines(choices.filter(({ isGrave }) => isGrave));
    const others = choices.filter(({ isGrave }) => !isGrave);
    const all = others.length > MAX_WITHOUT_ALL ? [this.lineForAll(others)] : [];
    const items = [...grave, ...all, ...lines(others)];
    this.node.replaceChildren(...(items.length > 0 ? [listSection(this.heading, ...items)] : []));
    this.updateAll();
    this._boxes.get(focused ?? '')?.focus();
  }

  private line({ id, text, remark = '', paths }: IChoice): HTMLLIElement {
    const { node, box } = checkboxItem(text, remark, this._confirmed.has(id), checked => {
      this.confirm([id], checked);
    });
    this._boxes.set(id, box);
    if (paths) {
      node.append(openButton(this.language, paths, this.openFiles));
    }
    return node;
  }

  private lineForAll(choices: IChoice[]): HTMLLIElement {
    const ids = choices.map(({ id }) => id);
    const text = words.selectAll(this.language, ids.length);
    const { node, box } = checkboxItem(text, '', false, checked => {
      this.confirm(ids, checked);
    });
    this._all = { box, ids };
    return node;
  }

  private confirm(ids: string[], isConfirmed: boolean): void {
    for (const id of ids) {
      this._confirmed[isConfirmed ? 'add' : 'delete'](id);
      const box = this._boxes.get(id);
      if (box) {
        box.checked = isConfirmed;
      }
    }
    this.updateAll();
    this.changed();
  }

  private updateAll(): void {
    if (this._all) {
      const { box, ids } = this._all;
      const count = ids.filter(id => this._confirmed.has(id)).length;
      box.checked = count === ids.length;
      box.indeterminate = count > 0 && count < ids.length;
    }
  }

  private readonly _confirmed = new Set<string>();
  private readonly _boxes = new Map<string, HTMLInputElement>();
  private _all: { box: HTMLInputElement; ids: string[] } | null = null;
}

/** Create the button that opens a document and its rescue copies beside each other. */
export function openButton(
  language: Language,
  paths: string[],
  open: (paths: string[]) => void
): HTMLButtonElement {
  const node = button(words.openLabel(language, paths.length), 'reject', () => {
    open(paths);
  });
  node.classList.add('jp-NbUpdater-small');
  return node;
}
