/**
 * The banner: one calm line that says how it is and offers what can be done.
 */
import { Widget } from '@lumino/widgets';

import { button, element } from './dom';
import type { Language } from './i18n';
import { levelIcon } from './icons';
import type { UpdateModel } from './model';
import { holdAt, stopsOnly } from './protocol';
import type { IState } from './protocol';
import { bannerWords } from './words/banner';
import { restartLabel } from './words/restart';

/** What a person can do from the banner. */
export interface IBannerActions {
  restart: () => void;
  defer: () => void;
  /** Call off the restart that waits. */
  cancel: () => void;
  /** End the hold. */
  release: () => void;
  why: () => void;
}

export class Banner extends Widget {
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    actions: IBannerActions
  ) {
    super();
    const { trans } = language;
    this.id = 'jp-NbUpdater-banner';
    this.addClass('jp-NbUpdater-banner');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Notebook instance update'));
    // There before its text is, or a screen reader would not announce it.
    this._message.setAttribute('role', 'status');
    this._restart = button('', 'accept', actions.restart);
    this._defer = button(trans.__('Remind me later'), 'reject', actions.defer);
    this._cancel = button(trans.__('Cancel'), 'reject', actions.cancel);
    this._release = button(trans.__('End the hold'), 'reject', actions.release);
    const why = button(trans.__('Why?'), 'reject', actions.why);
    const choices = [why, this._defer, this._cancel, this._release, this._restart];
    this.node.append(this._icon, this._message, ...choices);
  }

  /** Show what the model says now. */
  refresh(): void {
    const { state } = this.model;
    if (!state) {
      return;
    }
    const { model, language } = this;
    const waits = state.restart.phase === 'waiting';
    const held = !waits && holdAt(state, model.now) !== null;
    const level = waits || held ? 'advised' : state.advice.level;
    const [lead, message] = bannerWords(language, state, model.now);
    const text = `${lead} ${message}`;
    if (this._text !== text) {
      this._text = text;
      this._message.replaceChildren(element('strong', 'jp-NbUpdater-level', lead), ` ${message}`);
      this._message.title = text;
      this._icon.replaceChildren(levelIcon(level));
      this.node.dataset.level = level;
    }
    this._restart.textContent = restartLabel(language, stopsOnly(state.return_path));
    this._defer.hidden = waits || held || level === 'overdue';
    this._cancel.hidden = !waits;
    this._release.hidden = !held;
  }

  private readonly _icon = element('span', 'jp-NbUpdater-icon');
  private readonly _message = element('span', 'jp-NbUpdater-message');
  private readonly _restart: HTMLButtonElement;
  private readonly _defer: HTMLButtonElement;
  private readonly _cancel: HTMLButtonElement;
  private readonly _release: HTMLButtonElement;
  private _text = '';
}

/**
 * Whether there is something to say.
 *
 * @param now - the server's clock, in milliseconds since the epoch
 */
export function isBannerDue(state: IState | null, now: number): boolean {
  if (state && (state.restart.phase === 'waiting' || holdAt(state, now))) {
    return true;
  }
  if (!state || !['advised', 'due', 'overdue'].includes(state.advice.level)) {
    return false;
  }
  const { level, deferral } = state.advice;
  return level === 'overdue' || !deferral || Date.parse(deferral.until) <= now;
}
