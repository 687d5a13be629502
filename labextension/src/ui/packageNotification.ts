/**
 * Putting packages back while no dialog shows it: a notification of JupyterLab's own that tells how far it has come, then
 * how it ended, and leads back to the list.
 */
import type { Notification } from '@jupyterlab/apputils';

import type { Language } from '../i18n/language';
import { endSentence, runningSentence } from '../i18n/packages';
import type { UpdateModel } from '../server/model';
import type { IPackages } from '../server/protocol';
import { packageProgress } from './packageProgress';

/** Milliseconds for which the good end is told. */
const SUCCESS_NOTICE_MS = 8000;

export class PackageNotification {
  /**
   * @param notifications - JupyterLab's own, which the page has already
   * @param show - open the list
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    private readonly notifications: typeof Notification,
    private readonly show: () => void
  ) {}

  /**
   * Tell what is news.
   *
   * @param isSeen - whether a dialog stands over the page: then there is nothing to tell, or nobody who sees it
   */
  refresh(isSeen: boolean): void {
    const packages = this.model.state?.packages;
    const runs = packages?.phase === 'running';
    if (runs && !this._ran) {
      this._id = '';
    }
    if (packages && !isSeen && (runs || this._ran)) {
      this.notify(packages, runs);
    } else if (isSeen) {
      this.dismiss();
    }
    this._ran = runs;
  }

  private notify(packages: IPackages, runs: boolean): void {
    const { language } = this;
    const { total, finished, reinstalled } = packageProgress(packages);
    const isGood = !runs && reinstalled === total;
    const type = runs ? 'in-progress' : isGood ? 'success' : 'warning';
    const message = runs ? runningSentence(language, packages) : endSentence(language, packages);
    const options = {
      autoClose: isGood ? SUCCESS_NOTICE_MS : (false as const),
      ...(runs ? { progress: finished / Math.max(total, 1) } : {}),
      actions: isGood ? [] : [{ label: language.trans.__('Show'), callback: this.show }]
    };
    if (this.notifications.manager.has(this._id)) {
      this.notifications.update({ id: this._id, message, type, ...options });
    } else if (this._id === '' || !runs) {
      this._id = this.notifications.emit(message, type, options); // one that a person has closed comes back at the end only
    }
  }

  private dismiss(): void {
    if (this._id !== '') {
      this.notifications.dismiss(this._id);
      this._id = '';
    }
  }

  private _id = '';
  private _ran = false;
}
