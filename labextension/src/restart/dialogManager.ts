/**
 * Decide which dialog is open, and open it. It follows from the state alone, so every tab shows the same, also one that
 * came late. Only the dialogs that somebody asks for ("Restart?", "Why?", "Added packages") belong to one tab.
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
import type { LazyUi, Ui } from '../ui/lazyUi';
import { Modal } from '../ui/modal';
import type { ProgressDialog } from '../ui/progressDialog';

/** Which dialog a state asks for, and the restart it is about. */
export interface IDialogChoice {
  kind: 'none' | 'running' | 'not-restarted' | 'restarted';
  id: string;
}

const NO_DIALOG: IDialogChoice = { kind: 'none', id: '' };

/**
 * Choose the dialog that every tab shows for a state.
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
    return { kind: 'not-restarted', id: id ?? '' };
  }
  return state.outcome ? { kind: 'restarted', id: state.outcome.id } : NO_DIALOG;
}

export class DialogManager implements IDisposable {
  /**
   * @param model - what this tab knows
   * @param api - the server
   * @param language - of the page
   * @param ui - the dialogs, which are not part of what the page loads first
   * @param reload - loads the page again, after somebody has asked for it
   * @param appReady - settles when JupyterLab is restored. Until then no dialog but that of a running restart opens: it
   *   would have no styles and stand before a splash screen
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    private readonly ui: LazyUi,
    private readonly reload: () => void,
    appReady?: Promise<unknown>
  ) {
    this._isAppReady = !appReady;
    const onReady = () => {
      this._isAppReady = true;
      this.refresh();
    };
    void appReady?.then(onReady, onReady);
  }

  /** Load the user interface, and replace what had to be shown without it. */
  async loadUi(): Promise<void> {
    if (await this.ui.loadWithRetries()) {
      this._shown = NO_DIALOG;
      this.refresh();
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.ui.dispose();
    this.close();
    this._ownDialog?.dispose();
  }

  /** Ask whether to restart. */
  confirmRestart(): void {
    void this.openOwn(({ ConfirmDialog }, state) => {
      const dialog = new ConfirmDialog(this.model, this.api, this.language, state);
      void dialog.ask();
      return dialog;
    });
  }

  /** Explain why a restart is advised, and what it waits for. */
  explain(): void {
    void this.openOwn(({ whyDialog }, state) => {
      const dialog = whyDialog(this.language, this.model, this.api, state);
      dialog.open();
      return dialog;
    });
  }

  /** List the packages that somebody had added, to install them again. */
  showAddedPackages(): void {
    void this.openOwn(({ AddedPackagesDialog }) => {
      const dialog = new AddedPackagesDialog(this.language, this.model, this.api);
      dialog.open();
      return dialog;
    });
  }

  /** Whether a dialog covers the page. */
  get isOpen(): boolean {
    return [this._dialog, this._ownDialog].some(dialog => dialog?.isDisposed === false);
  }

  /** Emitted when a dialog has opened or closed. */
  readonly dialogChanged = new Signal<this, void>(this);

  /** Ask somebody to reload the page: the instance is back, but this tab holds changes that are not proven saved. */
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
    const wanted = dialogFor(state, isReplaced);
    const choice = this._isAppReady || wanted.kind === 'running' ? wanted : NO_DIALOG;
    if (choice.kind !== this._shown.kind || choice.id !== this._shown.id) {
      this._shown = choice;
      this.switchDialog(state);
    }
    this.updateProgress();
  }

  /** Open a dialog that belongs to this tab alone. */
  private async openOwn(create: (ui: Ui, state: IState) => Modal): Promise<void> {
    const ui = await this.ui.load();
    const { state } = this.model;
    if (ui && state && this._shown.kind === 'none' && !this._isDisposed) {
      this._ownDialog?.dispose();
      this._ownDialog = this.announced(create(ui, state));
    }
  }

  private announced(dialog: Modal): Modal {
    dialog.disposed.connect(() => {
      this.dialogChanged.emit();
    });
    this.dialogChanged.emit();
    return dialog;
  }

  private switchDialog(state: IState): void {
    this.close();
    if (this._shown.kind !== 'none') {
      this._ownDialog?.dispose();
    }
    this._startedAt = Date.parse(state.restart.since ?? state.now);
    const ui = this.ui.current;
    this._dialog = ui ? this.createDialog(ui, state) : this.createFallback(state);
    if (this._dialog) {
      this.announced(this._dialog).open();
    }
    if (this._progress) {
      this._timer = setInterval(() => {
        this.updateProgress();
      }, 1000);
    }
  }

  private createDialog(ui: Ui, state: IState): Modal | null {
    const { language, model, api, dismiss } = this;
    switch (this._shown.kind) {
      case 'running':
        return (this._progress = new ui.ProgressDialog(language, state, dismiss, this.reload));
      case 'not-restarted':
        return ui.notRestartedDialog(
          language,
          state.restart.findings,
          () => void this.tryAgain(),
          dismiss
        );
      default:
        return (
          state.outcome && new ui.RestartedDialog(language, model, api, state.outcome, dismiss)
        );
    }
  }

  /** Create what the page can show before the user interface is loaded: while a restart runs it takes no input. */
  private createFallback(state: IState): Modal | null {
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
      this._progress.show(state, stage, (this.model.now - this._startedAt) / 1000);
    }
  }

  private async tryAgain(): Promise<void> {
    await this.sendDismiss();
    this.confirmRestart();
  }

  /** Cancel a running restart, or acknowledge one that has ended: then every tab closes its dialog. */
  private readonly dismiss = (): void => {
    void this.sendDismiss();
  };

  private async sendDismiss(): Promise<void> {
    try {
      this.model.update(await this.api.dismissRestart());
    } catch {
      // Too late to cancel, or no server: a running restart stays in sight, an end has been read.
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

  private _shown = NO_DIALOG;
  private _isAppReady: boolean;
  private _dialog: Modal | null = null;
  private _progress: ProgressDialog | null = null;
  private _ownDialog: Modal | null = null;
  /** When the shown phase began, in milliseconds since the epoch. */
  private _startedAt = 0;
  private _needsReload = false;
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _isDisposed = false;
}
