/**
 * Show in every tab that a restart runs: the phase, the elapsed time, and what to do if it takes long.
 */
import type { Language } from '../i18n/language';
import { signedOutHint, stageSentence, startCommand, waitHint } from '../i18n/progress';
import type { IWaitHint, Stage } from '../i18n/progress';
import { runningTitle } from '../i18n/restart';
import { isCancellable, isLeaving } from '../server/protocol';
import type { IState } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import { button, element, link, setText } from './dom';
import { Modal } from './modal';

export class ProgressDialog extends Modal {
  /**
   * @param cancel - cancels the restart
   * @param reload - loads the page again, after somebody has agreed
   * @param timer - of the click guard; a test has its own
   */
  constructor(
    private readonly language: Language,
    state: IState,
    cancel: () => void,
    reload: () => void,
    timer?: Timer
  ) {
    super({
      role: 'alertdialog',
      title: runningTitle(language, state.restart),
      body: [],
      buttons: []
    });
    const { trans } = language;
    this._cancel = button(trans.__('Cancel'), 'reject', cancel);
    this._reload = button(trans.__('Reload'), 'accept', reload);
    this._guard = new ClickGuard(() => {
      this._reload.disabled = !this._guard.allowsClicks;
    }, timer);
    this._phase.setAttribute('role', 'status');
    // Screen readers read it on demand, not every second.
    this._elapsed.setAttribute('role', 'timer');
    this._spinner.setAttribute('aria-hidden', 'true');
    this.setBody(
      element('div', 'jp-NbUpdater-progress', this._spinner, this._phase),
      this._elapsed,
      this._hint
    );
  }

  /**
   * Show the stage.
   *
   * @param seconds - since the restart began
   * @param isSignedOut - whether the session of the browser has ended: this page cannot see when the instance is back
   */
  show(state: IState, stage: Stage, seconds: number, isSignedOut = false): void {
    const { language } = this;
    const { trans } = language;
    const { restart } = state;
    setText(this._phase, stageSentence(language, stage, restart.stops_only));
    setText(this._elapsed, trans.__('Elapsed: %1', language.duration(seconds)));
    this._spinner.hidden = stage === 'unsaved';
    const hint = isSignedOut ? signedOutHint(language) : waitHint(language, seconds, restart);
    this.showHint(state, isLeaving(stage) ? hint : null);
    this.showButton(
      stage === 'unsaved' ? this._reload : isCancellable(stage) ? this._cancel : null
    );
  }

  private showButton(button: HTMLButtonElement | null): void {
    if (button !== this._button) {
      this._button = button;
      this._guard.restart(); // a reload may lose what nobody has looked at yet
      this.setButtons(...(button ? [button] : []));
    }
  }

  private showHint(state: IState, hint: IWaitHint | null): void {
    const text = hint?.text ?? null;
    if (text === this._hintText) {
      return;
    }
    this._hintText = text;
    const parts: Node[] = text ? [element('p', 'jp-NbUpdater-text', text)] : [];
    if (hint?.isLong && state.instance.console_url) {
      const { trans } = this.language;
      parts.push(
        element(
          'p',
          'jp-NbUpdater-text',
          link(trans.__('Open the AWS console'), state.instance.console_url)
        )
      );
    }
    if (hint && state.restart.stops_only) {
      parts.push(element('code', 'jp-NbUpdater-code', startCommand(state)));
    }
    this._hint.replaceChildren(...parts);
  }

  private readonly _spinner = element('span', 'jp-NbUpdater-spinner');
  private readonly _phase = element('p', 'jp-NbUpdater-text');
  private readonly _elapsed = element('p', 'jp-NbUpdater-text jp-NbUpdater-remark');
  private readonly _hint = element('div', 'jp-NbUpdater-hint');
  private readonly _cancel: HTMLButtonElement;
  private readonly _reload: HTMLButtonElement;
  private readonly _guard: ClickGuard;
  private _button: HTMLButtonElement | null = null;
  private _hintText: string | null = null;
}
