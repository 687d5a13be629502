/**
 * Decide which dialog is open, and open it. The state alone decides, so every tab shows that a restart runs and how it ended. The
 * dialogs that a user opens ("Restart?", "Why?", packages) belong to one tab, and so does the one that says why the restart that
 * this tab asked for did not happen.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { Language } from '../i18n/language';
import type { Stage } from '../i18n/progress';
import { runningTitle } from '../i18n/restart';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { hasEndedEarly, isCancellable, isRunning } from '../server/protocol';
import type { IState } from '../server/protocol';
import { button, element } from '../ui/dom';
import type { LazyUi, Ui } from '../ui/lazyUi';
import { Modal } from '../ui/modal';
import type { ProgressDialog } from '../ui/progressDialog';

/** The dialog for a state, and the id of its restart. */
export interface IDialogChoice {
  kind: 'none' | 'running' | 'not-restarted' | 'restarted';
  id: string;
}

const NO_DIALOG: IDialogChoice = { kind: 'none', id: '' };

/**
 * Return the dialog that a tab shows for a state.
 *
 * @param state - the state; `null` before the first one
 * @param isReplaced - whether another server process responds than the one of this page
 * @param isOwn - whether this tab asked for the restart, or its user for the reasons why it did not happen
 */
export function dialogFor(
  state: IState | null,
  isReplaced: boolean,
  isOwn: boolean
): IDialogChoice {
  if (!state) {
    return NO_DIALOG;
  }
  const { phase, id } = state.restart;
  if (isReplaced || isRunning(phase)) {
    return { kind: 'running', id: '' };
  }
  if (hasEndedEarly(phase)) {
    return isOwn ? { kind: 'not-restarted', id: id ?? '' } : NO_DIALOG;
  }
  return state.outcome ? { kind: 'restarted', id: state.outcome.id } : NO_DIALOG;
}

export class DialogManager implements IDisposable {
  /**
   * @param model - last state of the server
   * @param api - calls the server
   * @param language - language of the page
   * @param ui - the dialogs, which load separately
   * @param reload - reloads the page when the user requests it
   * @param openFiles - opens files beside each other
   * @param appReady - settles when JupyterLab is restored. Until then only the dialog of a running restart opens, because
   *   another one would have no styles and cover a splash screen
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    private readonly ui: LazyUi,
    private readonly reload: () => void,
    private readonly openFiles: (paths: string[]) => void,
    appReady?: Promise<unknown>
  ) {
    this._isAppReady = !appReady;
    const onReady = () => {
      this._isAppReady = true;
      this.refresh();
    };
    void appReady?.then(onReady, onReady);
  }

  /** Load the user interface, and replace the fallback dialog. */
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
      const { model, api, language, openFiles } = this;
      const dialog = new ConfirmDialog(model, api, language, state, openFiles);
      void dialog.ask();
      return dialog;
    });
  }

  /** Explain why a restart is recommended, and what it is waiting for. */
  explain(): void {
    void this.openOwn(({ whyDialog }, state) => {
      const dialog = whyDialog(this.language, this.model, this.api, state);
      dialog.open();
      return dialog;
    });
  }

  /** Say why a restart did not happen that this tab did not ask for. */
  explainRefusal(): void {
    this._explained = this.model.state?.restart.id ?? '';
    this.refresh();
  }

  /** List the packages that the user installed, to reinstall them. */
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

  /** Ask the user to reload the page: the instance is back, but this tab has changes that are not verified as saved. */
  askForReload(): void {
    this._needsReload = true;
    this.refresh();
  }

  /** Show the dialog for the current state. */
  refresh(): void {
    const { state, isReplaced } = this.model;
    if (!state || this._isDisposed) {
      return;
    }
    const wanted = dialogFor(state, isReplaced, this.isOwn(state));
    const choice = this._isAppReady || wanted.kind === 'running' ? wanted : NO_DIALOG;
    if (choice.kind !== this._shown.kind || choice.id !== this._shown.id) {
      this._shown = choice;
      this.switchDialog(state);
    }
    this.updateProgress();
  }

  /** Open a dialog that belongs to this tab only. */
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
        return ui.notRestartedDialog(language, state.restart, {
          tryAgain: () => void this.tryAgain(),
          close: this.closeRefusal,
          openFiles: paths => {
            this.closeRefusal();
            this.openFiles(paths);
          }
        });
      default:
        return (
          state.outcome && new ui.RestartedDialog(language, model, api, state.outcome, dismiss)
        );
    }
  }

  /** Create the dialog for a running restart before the user interface has loaded. */
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
          body: [element('p', '', trans.__('This page reloads automatically.'))],
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
      const isSignedOut = this.model.problem === 'signed-out';
      this._progress.show(state, stage, (this.model.now - this._startedAt) / 1000, isSignedOut);
    }
  }

  /** Whether this tab says why the restart of this state did not happen. One that nobody watched belongs to no tab. */
  private isOwn({ restart }: IState): boolean {
    return restart.id === this._explained || (restart.when === 'now' && this.model.isOwnRestart);
  }

  /** Acknowledge the end, unless it is still to be read in the tab that asked for the restart. */
  private readonly closeRefusal = (): void => {
    const isOthers = !this.model.isOwnRestart && this.model.state?.restart.when === 'now';
    this._explained = '';
    if (isOthers) {
      this.refresh();
    } else {
      this.dismiss();
    }
  };

  private async tryAgain(): Promise<void> {
    await this.sendDismiss();
    this.confirmRestart();
  }

  /** Cancel a running restart, or acknowledge one that has ended, so that every tab closes its dialog. */
  private readonly dismiss = (): void => {
    void this.sendDismiss();
  };

  private async sendDismiss(): Promise<void> {
    try {
      this.model.update(await this.api.dismissRestart());
    } catch {
      // Too late to cancel, or no server: keep showing a running restart, but close a result.
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
  /** Begin of the phase in milliseconds since the epoch. */
  private _startedAt = 0;
  private _needsReload = false;
  /** The id of the restart of which somebody wants to know why it did not happen; '' for none. */
  private _explained = '';
  private _timer: ReturnType<typeof setInterval> | undefined;
  private _isDisposed = false;
}
