/**
 * Show the banner: one line that says that a restart is recommended, waits or is on hold, and the buttons for it.
 */
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { bannerText, channelSentence } from '../i18n/banner';
import { reminderDelay, timeLeft } from '../i18n/format';
import type { Language } from '../i18n/language';
import { restartLabel } from '../i18n/restart';
import type { UpdateModel } from '../server/model';
import { holdAt, stopsOnly } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import { button, element, icon, setText } from './dom';

/** What the buttons of the banner do. */
export interface IBannerActions {
  restart: () => void;
  defer: () => void;
  /** Cancel the restart that waits. */
  cancel: () => void;
  /** End the hold. */
  release: () => void;
  why: () => void;
}

export class Banner extends Widget {
  /** @param timer - of the click guard; a test has its own */
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    actions: IBannerActions,
    timer?: Timer
  ) {
    super();
    const { trans } = language;
    this.id = 'jp-NbUpdater-banner';
    this.addClass('jp-NbUpdater-banner');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Notebook instance update'));
    // In the page before its text is, or a screen reader would not announce it.
    this._message.setAttribute('role', 'status');
    // Screen readers read it on demand, not every minute.
    this._left.setAttribute('role', 'timer');
    const choice = (label: string, action: () => void, kind: 'accept' | 'reject' = 'reject') => {
      const made = button(label, kind, () => {
        if (this._guard.allowsClicks) {
          action();
        }
      });
      this._buttons.push(made);
      return made;
    };
    choice(trans.__('Why?'), actions.why);
    this._defer = choice(trans.__('Remind me later'), actions.defer);
    this._cancel = choice(trans.__('Cancel'), actions.cancel);
    this._release = choice(trans.__('End the hold'), actions.release);
    this._restart = choice('', actions.restart, 'accept');
    this._guard = new ClickGuard(() => {
      // Not `disabled`: a button that has the focus keeps it.
      this._buttons.forEach(node => {
        node.setAttribute('aria-disabled', String(!this._guard.allowsClicks));
      });
    }, timer);
    this.node.append(this._icon, this._message, this._left, ...this._buttons);
  }

  /** Show what the model says now. */
  refresh(): void {
    const { state, adviceNow } = this.model;
    if (!state) {
      return;
    }
    const { model, language } = this;
    const { advice } = state;
    const isWaiting = state.restart.phase === 'waiting';
    const isHeld = !isWaiting && holdAt(state, adviceNow) !== null;
    const isCalm = isWaiting || (isHeld && advice.warnings.length === 0);
    const level = isCalm ? 'advised' : isHeld ? 'due' : advice.level;
    const [lead, message] = bannerText(language, state, model);
    const text = language.paragraph([lead, message, channelSentence(language, model)]);
    if (this._text !== text) {
      this._text = text;
      // Only another lead or another deadline is news; that one more day has passed is not.
      const news = `${lead}${advice.deadline ?? ''}`;
      this._message.setAttribute('aria-live', news === this._news ? 'off' : 'polite');
      if (lead !== this._lead) {
        this._lead = lead;
        this._guard.restart();
      }
      this._news = news;
      this._message.replaceChildren(
        element('strong', 'jp-NbUpdater-level', lead),
        text.slice(lead.length)
      );
      this._message.title = text;
      this._icon.replaceChildren(icon(level === 'advised' ? 'refresh' : 'warning'));
      this.node.dataset.level = level;
    }
    const left = Date.parse(advice.deadline ?? '') - adviceNow;
    const counts = !isWaiting && !isHeld && advice.stage === 'countdown';
    setText(this._left, counts ? timeLeft(language, left) : '');
    this._restart.disabled = model.problem === 'refused';
    setText(this._restart, restartLabel(language, stopsOnly(state.return_path)));
    this._defer.title = reminderDelay(language, left);
    this._defer.hidden = isWaiting || isHeld || level === 'overdue';
    this._cancel.hidden = !isWaiting;
    this._release.hidden = !isHeld;
  }

  /** Announce everything anew when the banner appears again. */
  protected override onBeforeAttach(message: Message): void {
    super.onBeforeAttach(message);
    this._text = this._news = this._lead = '';
  }

  /** Start the click guard when the banner is really in sight: it may be attached before JupyterLab itself is. */
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.refresh();
  }

  private readonly _icon = element('span', 'jp-NbUpdater-icon');
  private readonly _message = element('span', 'jp-NbUpdater-message');
  private readonly _left = element('span', 'jp-NbUpdater-timeLeft');
  private readonly _buttons: HTMLButtonElement[] = [];
  private readonly _restart: HTMLButtonElement;
  private readonly _defer: HTMLButtonElement;
  private readonly _cancel: HTMLButtonElement;
  private readonly _release: HTMLButtonElement;
  private readonly _guard: ClickGuard;
  private _text = '';
  private _news = '';
  private _lead = '';
}
