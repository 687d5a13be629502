/**
 * Which dialog is open. It follows from the state alone, so every tab shows the same, also one that came late; only
 * the sheet, "Why?" and "Added packages" belong to the tab in which they were asked for.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Language } from '../i18n/language';
import type { Stage } from '../i18n/progress';
import { runningTitle } from '../i18n/restart';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { isCancellable, isRunning } from '../server/protocol';
import type { IState } from '../server/protocol';
import { button, element } from '../ui/dom';
import { LazyUi } from '../ui/lazyUi';
import type { Ui } from '../ui/lazyUi';
import { Modal } from '../ui/modal';
import type { ProgressDialog } from '../ui/progressDialog';

export class DialogManager implements IDisposable {
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
    load: () => Promise<Ui>,
    up?: Promise<unknown>
  ) {
    this._ui = new LazyUi(load);
    this._isAppReady = !up;
    const go = () => {
      this._isAppReady = true;
      this.refresh();
    };
    void up?.then(go, go);
  }

  /** Have the surfaces at hand; what had to be shown without them is then shown as it should be. */
  async loadUi(): Promise<void> {
    if (await this._ui.retry()) {
      this._shown = NO_DIALOG;
      this.refresh();
    }
  }

  /** The surfaces, once they are here. */
  get surfaces(): Promise<Ui> {
    return this._ui.loaded;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._ui.dispose();
    this.close();
    this._ownDialog?.dispose();
  }

  /** Ask whether to restart. */
  confirmRestart(): void {
    void this.openOwn(({ ConfirmDialog }, state) => {
      const sheet = new ConfirmDialog(this.model, this.api, this.language, state);
      void sheet.ask();
      return sheet;
    });
  }

  /** Say why a restart is advised, and what it waits for. */
  explain(): void {
    void this.openOwn(({ whyDialog }, state) => {
      const modal = whyDialog(this.language, this.model, this.api, state);
      modal.open();
      return modal;
    });
  }

  /** List what somebody had added, to be put back. */
  showAddedPackages(): void {
    void this.openOwn(({ AddedPackagesDialog }) => {
      const modal = new AddedPackagesDialog(this.language, this.model, this.api);
      modal.open();
      return modal;
    });
  }

  /** Whether a dialog stands over the page. */
  get isOpen(): boolean {
    return [this._dialog, this._ownDialog].some(modal => modal?.isDisposed === false);
  }

  /** A dialog has opened or closed. */
  readonly dialogChanged = new Signal<this, void>(this);

  /** The instance is back, but this tab holds changes that are not proven saved: a person must look first. */
  askForReload(): void {
    this._needsReload = true;
    this.refresh();
  }

  /** Show what the model says now. */
  refresh(): void {
    const { state, isReplaced } = this.model;
    if (!state || this._isDisposed) {
      return;
    }
    const asked = dialogFor(state, isReplaced);
    const view = this._isAppReady || asked.kind === 'running' ? asked : NO_DIALOG;
    if (view.kind !== this._shown.kind || view.id !== this._shown.id) {
      this._shown = view;
      this.switchDialog(state);
    }
    this.updateProgress();
  }

  /** Show a dialog that belongs to this tab alone. */
  private async openOwn(make: (surfaces: Ui, state: IState) => Modal): Promise<void> {
    const surfaces = await this._ui.load();
    const { state } = this.model;
    if (surfaces && state && this._shown.kind === 'none' && !this._isDisposed) {
      this._ownDialog?.dispose();
      this._ownDialog = this.announce(make(surfaces, state));
    }
  }

  private announce(modal: Modal): Modal {
    modal.disposed.connect(() => {
      this.dialogChanged.emit();
    });
    this.dialogChanged.emit();
    return modal;
  }

  private switchDialog(state: IState): void {
    this.close();
    if (this._shown.kind !== 'none') {
      this._ownDialog?.dispose();
    }
    this._started = Date.parse(state.restart.since ?? state.now);
    const surfaces = this._ui.current;
    this._dialog = surfaces ? this.createDialog(surfaces, state) : this.fallbackDialog(state);
    if (this._dialog) {
      this.announce(this._dialog).open();
    }
    if (this._progress) {
      this._timer = setInterval(() => {
        this.updateProgress();
      }, 1000);
    }
  }

  private createDialog(surfaces: Ui, state: IState): Modal | null {
    const { language, dismiss } = this;
    switch (this._shown.kind) {
      case 'running':
        return (this._progress = new surfaces.ProgressDialog(
          language,
          state,
          dismiss,
          this.reload
        ));
      case 'refused':
        return surfaces.notRestartedDialog(
          language,
          state.restart.findings,
          () => void this.tryAgain(),
          dismiss
        );
      default:
        return (
          state.outcome &&
          new surfaces.RestartedDialog(language, this.model, this.api, state.outcome, dismiss)
        );
    }
  }

  /** As long as the surfaces are not here. What matters most is there with the page: while a restart runs it takes no input. */
  private fallbackDialog(state: IState): Modal | null {
    const { language, dismiss } = this;
    const { trans } = language;
    if (this._shown.kind !== 'none') {
      void this.loadUi();
    }
    return this._shown.kind === 'running'
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

  private updateProgress(): void {
    const { state, isReplaced } = this.model;
    if (state && this._progress) {
      const stage: Stage = this._needsReload
        ? 'unsaved'
        : isReplaced
          ? 'back'
          : state.restart.phase;
      this._progress.show(state, stage, (this.model.now - this._started) / 1000);
    }
  }

  private async tryAgain(): Promise<void> {
    await this.dismissed();
    this.confirmRestart();
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
      if (this._shown.kind !== 'running') {
        this.close();
      }
    }
  }

  private close(): void {
    clearInterval(this._timer);
    this._dialog?.dispose();
    this._dialog = this._progress = null;
  }

  private readonly _ui: LazyUi;
  private _shown = NO_DIALOG;
  private _isAppReady: boolean;
  private _dialog: Modal | null = null;
  private _progress: ProgressDialog | null = null;
  private _ownDialog: Modal | null = null;
  private _started = 0;
  private _needsReload = false;
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _isDisposed = false;
}

/** What a state asks a tab to show, and which restart it is about. */
export interface IDialogChoice {
  kind: 'none' | 'running' | 'refused' | 'restarted';
  id: string;
}

/** No dialog. */
export const NO_DIALOG: IDialogChoice = { kind: 'none', id: '' };

/**
 * What a tab shows for a state.
 *
 * @param isReplaced - another server answers than the one that this page belongs to
 */
export function dialogFor(state: IState | null, isReplaced: boolean): IDialogChoice {
  if (!state) {
    return NO_DIALOG;
  }
  const { phase, id } = state.restart;
  if (isReplaced || isRunning(phase)) {
    return { kind: 'running', id: '' };
  }
  if (phase === 'refused' || phase === 'failed') {
    return { kind: 'refused', id: id ?? '' };
  }
  return state.outcome ? { kind: 'restarted', id: state.outcome.id } : NO_DIALOG;
}
