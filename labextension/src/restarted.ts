/**
 * "Restarted": what changed, what came back, what did not and why, and what can be put back.
 */
import type { Api } from './api';
import type { Timer } from './arming';
import { element } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { block, item, section } from './parts';
import type { IOutcome, IState } from './protocol';
import { PutBack } from './putback';
import { backItems, missingItem } from './words/desk';
import { changeItem, outcomeSentence } from './words/outcome';

export class Restarted extends Modal {
  /**
   * @param close - acknowledge it
   * @param timer - after which its buttons count
   */
  constructor(
    private readonly language: Language,
    private readonly model: UpdateModel,
    api: Api,
    outcome: IOutcome,
    close: () => void,
    timer?: Timer
  ) {
    const { trans } = language;
    super({ role: 'dialog', title: trans.__('Restarted'), body: [], buttons: [], onEscape: close });
    this._putBack = new PutBack(language, model, api, this, close, timer);
    this._packages = block(trans.__('Added packages'), this._putBack.node);
    const changes = outcome.changes.map(change => item(changeItem(language, change)));
    this.setBody(
      element('p', 'jp-NbUpdater-text', outcomeSentence(language, outcome)),
      ...(changes.length > 0 ? [section(trans.__('What changed'), ...changes)] : []),
      this._desk,
      this._packages
    );
    this._refresh();
    model.changed.connect(this._refresh);
  }

  override dispose(): void {
    this.model.changed.disconnect(this._refresh);
    this._putBack.dispose();
    super.dispose();
  }

  private readonly _refresh = (): void => {
    const { state } = this.model;
    if (state) {
      this._packages.hidden = state.packages.phase === 'none';
      this.showDesk(state);
    }
  };

  /** Terminals come back after the page: what is said of them may change while this is read. */
  private showDesk({ desk }: IState): void {
    const { language } = this;
    const { trans } = language;
    const known = JSON.stringify([desk.back, desk.missing]);
    if (known === this._known) {
      return;
    }
    this._known = known;
    const listed = (heading: string, items: [string, string][]) =>
      items.length > 0 ? [section(heading, ...items.map(words => item(...words)))] : [];
    this._desk.replaceChildren(
      ...listed(trans.__('What came back'), backItems(language, desk.back)),
      ...listed(
        trans.__('What did not come back'),
        desk.missing.map(missing => missingItem(language, missing))
      )
    );
  }

  private readonly _desk = element('div', 'jp-NbUpdater-facts');
  private readonly _packages: HTMLElement;
  private readonly _putBack: PutBack;
  private _known = '';
}
