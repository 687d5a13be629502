/**
 * What every tab shows while a restart runs: the phase, how long it has been, and what to do if it takes long.
 */
import { Arming } from './arming';
import type { Timer } from './arming';
import { button, element, write } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import { link } from './parts';
import { isCancellable, isLeaving } from './protocol';
import type { IState } from './protocol';
import { runningTitle } from './words/restart';
import { patience, stageSentence, startCommand } from './words/running';
import type { IPatience, Stage } from './words/running';

export class Overlay extends Modal {
  /**
   * @param cancel - call the restart off
   * @param reload - load the page again, when it cannot be done without asking
   * @param timer - after which its buttons count
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
    this._arming = new Arming(() => {
      this._reload.disabled = !this._arming.isArmed;
    }, timer);
    this._phase.setAttribute('role', 'status');
    // Read when asked for, not every second.
    this._elapsed.setAttribute('role', 'timer');
    this._spinner.setAttribute('aria-hidden', 'true');
    this.setBody(
      element('div', 'jp-NbUpdater-progress', this._spinner, this._phase),
      this._elapsed,
      this._hint
    );
  }

  /**
   * Show where it is.
   *
   * @param seconds - since the restart began
   */
  show(state: IState, stage: Stage, seconds: number): void {
    const { language } = this;
    const { trans } = language;
    const { restart } = state;
    write(this._phase, stageSentence(language, stage, restart.stops_only));
    write(this._elapsed, trans.__('Elapsed: %1', language.duration(seconds)));
    this._spinner.hidden = stage === 'unsaved';
    this.showHint(state, isLeaving(stage) ? patience(language, seconds, restart) : null);
    this.offer(stage === 'unsaved' ? this._reload : isCancellable(stage) ? this._cancel : null);
  }

  private offer(button: HTMLButtonElement | null): void {
    if (button !== this._offered) {
      this._offered = button;
      this._arming.begin(); // a reload may lose what a person has not seen yet
      this.setButtons(...(button ? [button] : []));
    }
  }

  private showHint(state: IState, hint: IPatience | null): void {
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
  private readonly _arming: Arming;
  private _offered: HTMLButtonElement | null = null;
  private _hintText: string | null = null;
}
