/**
 * Show how far reinstalling packages is while no dialog does: a notification of JupyterLab that shows the progress, then
 * the end, and opens the list.
 */
import type { Notification } from '@jupyterlab/apputils';

import { SUCCESS_NOTICE_MS } from '../constants';
import type { Language } from '../i18n/language';
import { endSentence, runningSentence } from '../i18n/packages';
import type { UpdateModel } from '../server/model';
import type { IPackages } from '../server/protocol';
import { packageProgress } from './packageProgress';

export class PackageNotification {
  /**
   * @param notifications - those of JupyterLab, which the page has loaded already
   * @param show - opens the list
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    private readonly notifications: typeof Notification,
    private readonly show: () => void
  ) {}

  /**
   * Update the notification.
   *
   * @param isDialogOpen - whether a dialog covers the page: it shows the same, or hides the notification
   */
  refresh(isDialogOpen: boolean): void {
    const packages = this.model.state?.packages;
    const isRunning = packages?.phase === 'running';
    if (isRunning && !this._wasRunning) {
      this._id = '';
    }
    if (packages && !isDialogOpen && (isRunning || this._wasRunning)) {
      this.notify(packages, isRunning);
    } else if (isDialogOpen) {
      this.dismiss();
    }
    this._wasRunning = isRunning;
  }

  private notify(packages: IPackages, isRunning: boolean): void {
    const { language } = this;
    const { trans } = language;
    const { total, finished, reinstalled } = packageProgress(packages);
    const isSuccess = !isRunning && reinstalled === total;
    const type = isRunning ? 'in-progress' : isSuccess ? 'success' : 'warning';
    const message = isRunning
      ? runningSentence(language, packages)
      : endSentence(language, packages);
    const options = {
      autoClose: isSuccess ? SUCCESS_NOTICE_MS : (false as const),
      ...(isRunning ? { progress: finished / Math.max(total, 1) } : {}),
      actions: isSuccess ? [] : [{ label: trans.__('Show'), callback: this.show }]
    };
    if (this.notifications.manager.has(this._id)) {
      this.notifications.update({ id: this._id, message, type, ...options });
    } else if (this._id === '' || !isRunning) {
      this._id = this.notifications.emit(message, type, options); // one that somebody has closed comes back at the end only
    }
  }

  private dismiss(): void {
    if (this._id !== '') {
      this.notifications.dismiss(this._id);
      this._id = '';
    }
  }

  private _id = '';
  private _wasRunning = false;
}
