/**
 * Choose which files outside the volume are kept; each set is off until somebody switches it on. It stands alone, so
 * that nothing moves under the mouse when a list above it changes.
 */
import type { Language } from '../i18n/language';
import { dotfilesItem } from '../i18n/restarted';
import type { IRestore } from '../server/protocol';
import { checkbox, element } from './dom';

export class KeepFilesOption {
  /** @param change - keeps these files from now on; resolves when the server has answered, whatever it said */
  constructor(
    private readonly language: Language,
    private readonly change: (files: string[]) => Promise<void>
  ) {
    const { trans } = language;
    const label = trans.__('Keep files from your home folder…');
    this.node = element(
      'details',
      'jp-NbUpdater-details',
      element('summary', '', label),
      element(
        'p',
        'jp-NbUpdater-text jp-NbUpdater-remark',
        trans.__('Small files, copied into SageMaker/ and restored after each start.')
      ),
      this._list
    );
    this._list.setAttribute('role', 'list');
    this._list.setAttribute('aria-label', label);
  }

  readonly node: HTMLElement;

  /** Show which files can be kept, and which are. */
  show(restore: IRestore): void {
    const { available, enabled } = restore;
    this._restore = restore;
    this.node.hidden = available.length === 0;
    const known = JSON.stringify(available);
    if (known !== this._known) {
      this._known = known;
      this._boxes.clear();
      this._list.replaceChildren(
        ...available.map(keepable => {
          const { node, box } = checkbox(...dotfilesItem(this.language, keepable), false, () => {
            void this.send();
          });
          this._boxes.set(keepable.id, box);
          return element('li', 'jp-NbUpdater-choice', node);
        })
      );
    }
    if (this._sent === this._answered) {
      this._boxes.forEach((box, id) => {
        box.checked = enabled.includes(id);
      });
    }
  }

  /** Send everything that is selected. Of several answers the last one counts: what is selected meanwhile stays selected. */
  private async send(): Promise<void> {
    const sent = ++this._sent;
    const selected = [...this._boxes].filter(([, box]) => box.checked).map(([id]) => id);
    await this.change(selected);
    this._answered = Math.max(this._answered, sent);
    if (this._restore) {
      this.show(this._restore);
    }
  }

  private readonly _boxes = new Map<string, HTMLInputElement>();
  private readonly _list = element('ul', 'jp-NbUpdater-list');
  private _restore: IRestore | null = null;
  private _known = '';
  private _sent = 0;
  private _answered = 0;
}
