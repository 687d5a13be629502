/**
 * Show a quiet item in the status bar: a button that says whether a restart is recommended, and opens "Why?".
 */
import type { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';

import { NAME } from '../constants';
import { statusItemText } from '../i18n/banner';
import type { Language } from '../i18n/language';
import type { UpdateModel } from '../server/model';
import { element, icon } from './dom';

export class StatusItem extends Widget {
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    bar: IStatusBar,
    why: () => void
  ) {
    super();
    this.hide();
    this._button.type = 'button';
    this._button.addEventListener('click', why);
    this.node.append(this._button);
    const isActive = () => this._isActive; // the bar calls this whenever it is drawn
    bar.registerStatusItem(`${NAME}:item`, { item: this, align: 'left', rank: 10, isActive });
  }

  /** Show what the model says now, or nothing. */
  refresh(isActive: boolean): void {
    const { state, adviceNow } = this.model;
    if (isActive && state) {
      const { trans } = this.language;
      const [text, isWarning] = statusItemText(this.language, state, adviceNow);
      if (this._button.textContent !== text) {
        this._button.replaceChildren(icon(isWarning ? 'warning' : 'refresh'), text);
        this._button.title = trans.__('Notebook instance update: %1. Show why.', text);
      }
    }
    this._isActive = isActive;
    this.setHidden(!isActive);
  }

  private readonly _button = element('button', 'jp-NbUpdater-statusItem');
  private _isActive = false;
}
