/**
 * Show how a restart ended: what changed, what was restored, what was not and why, and which packages can be reinstalled.
 */
import type { Language } from '../i18n/language';
import { changeItem, notRestoredItem, outcomeSentence, restoredItems } from '../i18n/restarted';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { IOutcome, IState } from '../server/protocol';
import type { Timer } from './clickGuard';
import { element, listItem, listSection, section } from './dom';
import { Modal } from './modal';
import { PackagesPanel } from './packagesPanel';

export class RestartedDialog extends Modal {
  /**
   * @param close - acknowledges the restart
   * @param timer - of the click guard; a test has its own
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
    this._panel = new PackagesPanel(language, model, api, this, close, timer);
    this._packages = section(trans.__('Packages you installed'), this._panel.node);
    const changes = outcome.changes.map(change => listItem(changeItem(language, change)));
    this.setBody(
      element('p', 'jp-NbUpdater-text', outcomeSentence(language, outcome)),
      ...(changes.length > 0 ? [listSection(trans.__('What changed'), ...changes)] : []),
      this._restored,
      this._packages
    );
    this._refresh();
    model.changed.connect(this._refresh);
  }

  override dispose(): void {
    this.model.changed.disconnect(this._refresh);
    this._panel.dispose();
    super.dispose();
  }

  private readonly _refresh = (): void => {
    const { state } = this.model;
    if (state) {
      this._packages.hidden = state.packages.phase === 'none';
      this.showRestored(state);
    }
  };

  /** Terminals are restored after the page is loaded: the lists may change while somebody reads them. */
  private showRestored({ restore }: IState): void {
    const { language } = this;
    const { trans } = language;
    const known = JSON.stringify([restore.restored, restore.not_restored]);
    if (known === this._known) {
      return;
    }
    this._known = known;
    const listed = (heading: string, items: [string, string][]) =>
      items.length > 0 ? [listSection(heading, ...items.map(words => listItem(...words)))] : [];
    this._restored.replaceChildren(
      ...listed(trans.__('Restored'), restoredItems(language, restore.restored)),
      ...listed(
        trans.__('Not restored'),
        restore.not_restored.map(missing => notRestoredItem(language, missing))
      )
    );
  }

  private readonly _restored = element('div', 'jp-NbUpdater-facts');
  private readonly _packages: HTMLElement;
  private readonly _panel: PackagesPanel;
  private _known = '';
}
