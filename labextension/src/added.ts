/**
 * "Added packages": the list to put back by itself, also after a restart by hand, and when "Restarted" is closed.
 */
import type { Api } from './api';
import type { Timer } from './arming';
import type { Language } from './i18n';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { PutBack } from './putback';

export class Added extends Modal {
  /** @param timer - after which its buttons count */
  constructor(language: Language, model: UpdateModel, api: Api, timer?: Timer) {
    const close = () => {
      this.dispose();
    };
    super({
      role: 'dialog',
      title: language.trans.__('Added packages'),
      body: [],
      buttons: [],
      onEscape: close
    });
    this._putBack = new PutBack(language, model, api, this, close, timer);
    this.setBody(this._putBack.node);
  }

  override dispose(): void {
    this._putBack.dispose();
    super.dispose();
  }

  private readonly _putBack: PutBack;
}
