/**
 * "Keep more…": which files outside the volume come along, each set off until a person switches it on. It stands by itself,
 * so that nothing moves under the mouse when a list above it changes.
 */
import type { Language } from '../i18n/language';
import { dotfilesItem } from '../i18n/restarted';
import type { IRestore } from '../server/protocol';
import { element } from './dom';
import { checkbox } from './parts';

export class KeepFilesOption {
  /** @param change - keep these from now on; comes back when the server has answered, whatever it said */
  constructor(
    private readonly language: Language,
    private readonly change: (files: string[]) => Promise<void>
  ) {
    const { trans } = language;
    this.node = element(
      'details',
      'jp-NbUpdater-details',
      element('summary', '', trans.__('Keep more…')),
      element(
        'p',
        'jp-NbUpdater-text jp-NbUpdater-remark',
        trans.__(
          'Small files of the home folder, copied into SageMaker/ and put back after each start.'
        )
      ),
      this._list
    );
    this._list.setAttribute('role', 'list');
    this._list.setAttribute('aria-label', trans.__('Keep more…'));
  }

  readonly node: HTMLElement;

  /** Show what is offered, and what is kept. */
  show(desk: IRestore): void {
    const { offered, keeping } = desk;
    this._desk = desk;
    this.node.hidden = offered.length === 0;
    const known = JSON.stringify(offered);
    if (known !== this._known) {
      this._known = known;
      this._boxes.clear();
      this._list.replaceChildren(
        ...offered.map(keepable => {
          const { node, box } = checkbox(...dotfilesItem(this.language, keepable), false, () => {
            void this.send();
          });
          this._boxes.set(keepable.id, box);
          return element('li', 'jp-NbUpdater-choice', node);
        })
      );
    }
    if (this._turn === this._answered) {
      this._boxes.forEach((box, id) => {
        box.checked = keeping.includes(id);
      });
    }
  }

  /** All that is ticked now. Of several answers the last one counts: what is ticked meanwhile stays so. */
  private async send(): Promise<void> {
    const turn = ++this._turn;
    const ticked = [...this._boxes].filter(([, box]) => box.checked).map(([id]) => id);
    await this.change(ticked);
    this._answered = Math.max(this._answered, turn);
    if (this._desk) {
      this.show(this._desk);
    }
  }

  private readonly _boxes = new Map<string, HTMLInputElement>();
  private readonly _list = element('ul', 'jp-NbUpdater-list');
  private _desk: IRestore | null = null;
  private _known = '';
  private _turn = 0;
  private _answered = 0;
}
