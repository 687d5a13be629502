/**
 * Which dialog is open. It follows from the state alone, so every tab shows the same, also one that came late; only
 * the sheet, "Why?" and "Added packages" belong to the tab in which they were asked for.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Api } from './api';
import { Arrival } from './arrival';
import type { Surfaces } from './arrival';
import { button, element } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import type { Overlay } from './overlay';
import { isCancellable } from './protocol';
import type { IState } from './protocol';
import { NOTHING, viewOf } from './view';
import { runningTitle } from './words/restart';
import type { Stage } from './words/running';

export class Flow implements IDisposable {
  /**
   * @param reload - load the page again, now that the person has asked for it
   * @param load - bring the surfaces, which are not part of what the page loads first
   * @param up - when the page is there; until then a notice would be without its looks, and before a splash
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    private readonly reload: () => void,
    load: () => Promise<Surfaces>,
    up?: Promise<unknown>
  ) {
    this._arrival = new Arrival(load);
    this._isUp = !up;
    const go = () => {
      this._isUp = true;
      this.refresh();
    };
    void up?.then(go, go);
  }

  /** Have the surfaces at hand; what had to be shown without them is then shown as it should be. */
  async prepare(): Promise<void> {
    if (await this._arrival.wait()) {
      this._view = NOTHING;
      this.refresh();
    }
  }

  /** The surfaces, once they are here. */
  get surfaces(): Promise<Surfaces> {
    return this._arrival.surfaces;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._arrival.dispose();
    this.close();
    this._own?.dispose();
  }

  /** Ask whether to restart. */
  ask(): void {
    void this.show(({ Sheet }, state) => {
      const sheet = new Sheet(this.model, this.api, this.language, state);
      void sheet.ask();
      return sheet;
    });
  }

  /** Say why a restart is advised, and what it waits for. */
  why(): void {
    void this.show(({ why }, state) => {
      const modal = why(this.language, this.model, this.api, state);
      modal.open();
      return modal;
    });
  }

  /** List what somebody had added, to be put back. */
  added(): void {
    void this.show(({ Added }) => {
      const modal = new Added(this.language, this.model, this.api);
      modal.open();
      return modal;
    });
  }

  /** Whether a dialog stands over the page. */
  get isOpen(): boolean {
    return [this._modal, this._own].some(modal => modal?.isDisposed === false);
  }

  /** A dialog has opened or closed. */
  readonly turned = new Signal<this, void>(this);

  /** The instance is back, but this tab holds changes that are not proven saved: a person must look first. */
  askForReload(): void {
    this._isUnsaved = true;
    this.refresh();
  }

  /** Show what the model says now. */
  refresh(): void {
    const { state, isReplaced } = this.model;
    if (!state || this._isDisposed) {
      return;
    }
    const asked = viewOf(state, isReplaced);
    const view = this._isUp || asked.kind === 'running' ? asked : NOTHING;
    if (view.kind !== this._view.kind || view.id !== this._view.id) {
      this._view = view;
      this.turn(state);
    }
    this.tick();
  }

  /** Show a dialog that belongs to this tab alone. */
  private async show(make: (surfaces: Surfaces, state: IState) => Modal): Promise<void> {
    const surfaces = await this._arrival.bring();
    const { state } = this.model;
    if (surfaces && state && this._view.kind === 'none' && !this._isDisposed) {
      this._own?.dispose();
      this._own = this.followed(make(surfaces, state));
    }
  }

  private followed(modal: Modal): Modal {
    modal.disposed.connect(() => {
      this.turned.emit();
    });
    this.turned.emit();
    return modal;
  }

  private turn(state: IState): void {
    this.close();
    if (this._view.kind !== 'none') {
      this._own?.dispose();
    }
    this._started = Date.parse(state.restart.since ?? state.now);
    const surfaces = this._arrival.here;
    this._modal = surfaces ? this.dialogFor(surfaces, state) : this.without(state);
    if (this._modal) {
      this.followed(this._modal).open();
    }
    if (this._overlay) {
      this._timer = setInterval(() => {
        this.tick();
      }, 1000);
    }
  }

  private dialogFor(surfaces: Surfaces, state: IState): Modal | null {
    const { language, dismiss } = this;
    switch (this._view.kind) {
      case 'running':
        return (this._overlay = new surfaces.Overlay(language, state, dismiss, this.reload));
      case 'refused':
        return surfaces.refusal(
          language,
          state.restart.findings,
          () => void this.tryAgain(),
          dismiss
        );
      default:
        return (
          state.outcome &&
          new surfaces.Restarted(language, this.model, this.api, state.outcome, dismiss)
        );
    }
  }

  /** As long as the surfaces are not here. What matters most is there with the page: while a restart runs it takes no input. */
  private without(state: IState): Modal | null {
    const { language, dismiss } = this;
    const { trans } = language;
    if (this._view.kind !== 'none') {
      void this.prepare();
    }
    return this._view.kind === 'running'
      ? new Modal({
          role: 'alertdialog',
          title: runningTitle(language, state.restart),
          body: [element('p', '', trans.__('This page waits, and loads again by itself.'))],
          buttons: [
            ...(isCancellable(state.restart.phase)
              ? [button(trans.__('Cancel'), 'reject', dismiss)]
              : []),
            button(trans.__('Reload'), 'accept', this.reload)
          ]
        })
      : null;
  }

  private tick(): void {
    const { state, isReplaced } = this.model;
    if (state && this._overlay) {
      const stage: Stage = this._isUnsaved ? 'unsaved' : isReplaced ? 'back' : state.restart.phase;
      this._overlay.show(state, stage, (this.model.now - this._started) / 1000);
    }
  }

  private async tryAgain(): Promise<void> {
    await this.dismissed();
    this.ask();
  }

  /** Cancel, or acknowledge: then every tab follows. */
  private readonly dismiss = (): void => {
    void this.dismissed();
  };

  private async dismissed(): Promise<void> {
    try {
      this.model.update(await this.api.dismissRestart());
    } catch {
      // Too late to cancel, or nobody there to tell: a running restart stays in sight, a notice has been read.
      if (this._view.kind !== 'running') {
        this.close();
      }
    }
  }

  private close(): void {
    clearInterval(this._timer);
    this._modal?.dispose();
    this._modal = this._overlay = null;
  }

  private readonly _arrival: Arrival;
  private _view = NOTHING;
  private _isUp: boolean;
  private _modal: Modal | null = null;
  private _overlay: Overlay | null = null;
  private _own: Modal | null = null;
  private _started = 0;
  private _isUnsaved = false;
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _isDisposed = false;
}
