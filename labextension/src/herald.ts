/**
 * Putting packages back while no dialog shows it: a notification of JupyterLab's own that tells how far it has come, then
 * how it ended, and leads back to the list.
 */
import type { Notification } from '@jupyterlab/apputils';

import type { Language } from './i18n';
import type { UpdateModel } from './model';
import type { IPackages } from './protocol';
import { tallyOf } from './tally';
import { endSentence, runningSentence } from './words/packages';

/** Milliseconds for which the good end is told. */
const GOOD = 8000;

export class Herald {
  /**
   * @param board - JupyterLab's own, which the page has already
   * @param show - open the list
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly language: Language,
    private readonly board: typeof Notification,
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
      this.tell(packages, runs);
    } else if (isSeen) {
      this.hush();
    }
    this._ran = runs;
  }

  private tell(packages: IPackages, runs: boolean): void {
    const { language } = this;
    const { all, ended, back } = tallyOf(packages);
    const isGood = !runs && back === all;
    const type = runs ? 'in-progress' : isGood ? 'success' : 'warning';
    const message = runs ? runningSentence(language, packages) : endSentence(language, packages);
    const options = {
      autoClose: isGood ? GOOD : (false as const),
      ...(runs ? { progress: ended / Math.max(all, 1) } : {}),
      actions: isGood ? [] : [{ label: language.trans.__('Show'), callback: this.show }]
    };
    if (this.board.manager.has(this._id)) {
      this.board.update({ id: this._id, message, type, ...options });
    } else if (this._id === '' || !runs) {
      this._id = this.board.emit(message, type, options); // one that a person has closed comes back at the end only
    }
  }

  private hush(): void {
    if (this._id !== '') {
      this.board.dismiss(this._id);
      this._id = '';
    }
  }

  private _id = '';
  private _ran = false;
}
