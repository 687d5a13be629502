/**
 * Show the packages that somebody had installed, and reinstall them: which there are, how far that is, what failed and why. A
 * part of two dialogs; the work on the server goes on without either.
 */
import type { IDisposable } from '@lumino/disposable';

import { requestErrorText } from '../i18n/findings';
import type { Language } from '../i18n/language';
import * as words from '../i18n/packages';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { IPackages, IState } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import { button, checkbox, element, listSection, setText } from './dom';
import { Modal } from './modal';
import { PackageList } from './packageList';
import { packageFailures, packageProgress } from './packageProgress';
import type { IFailure } from './packageProgress';

export class PackagesPanel implements IDisposable {
  /**
   * @param modal - the dialog around the panel, which gets the buttons
   * @param close - closes that dialog
   * @param timer - of the click guard; a test has its own
   */
  constructor(
    private readonly language: Language,
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly modal: Modal,
    close: () => void,
    timer?: Timer
  ) {
    const { trans } = language;
    const guarded = (label: string, kind: 'accept' | 'reject', action: () => void) =>
      button(label, kind, () => {
        if (this._guard.allowsClicks) {
          action();
        }
      });
    this._dismiss = guarded(trans.__('Close'), 'reject', close);
    this._close = guarded(trans.__('Close'), 'accept', close);
    this._start = guarded('', 'accept', () => {
      void this.send(() => this.api.reinstallPackages());
    });
    this._stop = guarded(trans.__('Stop'), 'reject', () => {
      void this.send(() => this.api.cancelReinstall());
    });
    this._automatic = checkbox(
      trans.__('Reinstall automatically after each restart from now on'),
      '',
      !!model.state?.packages.automatic,
      checked => {
        void this.send(() => this.api.setAutomaticReinstall(checked));
      }
    );
    this._guard = new ClickGuard(() => {
      this.updateButtons();
    }, timer);
    this._sentence.setAttribute('role', 'status');
    this._problem.setAttribute('role', 'alert');
    this._bar.setAttribute('aria-label', trans.__('Reinstalling packages'));
    this._list = new PackageList(language);
    this._running.append(this._bar, this._progress);
    this.node.append(
      this._sentence,
      this._running,
      this._automatic.node,
      this._problem,
      this._failures,
      this._list.node
    );
    this._refresh();
    model.changed.connect(this._refresh);
  }

  readonly node = element('div', 'jp-NbUpdater-packages');

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.model.changed.disconnect(this._refresh);
  }

  private readonly _refresh = (): void => {
    const packages = this.model.state?.packages;
    if (!packages || this._isDisposed) {
      return;
    }
    const { language } = this;
    const { total, available, retryable, finished } = packageProgress(packages);
    const isRunning = packages.phase === 'running';
    setText(this._sentence, words.packagesSentence(language, packages));
    this._running.hidden = !isRunning;
    this._bar.max = Math.max(total, 1);
    this._bar.value = finished;
    setText(this._progress, words.progressText(language, packages));
    this.showFailures(packages);
    this._list.show(packages.environments);
    setText(
      this._start,
      available > 0 ? words.reinstallLabel(language, available) : words.retryLabel(language)
    );
    this.arrangeButtons(isRunning ? 'stop' : available + retryable > 0 ? 'start' : 'none');
  };

  private showFailures(packages: IPackages): void {
    const { trans } = this.language;
    const failures = packageFailures(packages);
    const known = JSON.stringify(failures);
    if (known !== this._known) {
      this._known = known;
      this._failures.replaceChildren(
        ...(failures.length > 0
          ? [
              listSection(
                trans.__('Not reinstalled'),
                ...failures.map(failure => this.failureLine(failure))
              )
            ]
          : [])
      );
    }
  }

  private failureLine(failure: IFailure): HTMLLIElement {
    const { text, reason, code } = words.failureText(this.language, failure);
    const line = element('li', 'jp-NbUpdater-item', text);
    if (reason) {
      line.append(' – ', element('span', 'jp-NbUpdater-remark', reason));
    }
    if (code) {
      line.append(element('code', 'jp-NbUpdater-code', code));
    }
    return line;
  }

  private arrangeButtons(offered: 'start' | 'stop' | 'none'): void {
    if (offered !== this._offered) {
      const begins = offered === 'stop' && this._offered === 'start';
      this._offered = offered;
      this._guard.restart(); // another button is under the mouse now
      const { _dismiss, _start, _stop, _close } = this;
      const buttons = { start: [_dismiss, _start], stop: [_stop, _close], none: [_close] };
      this.modal.setButtons(...buttons[offered]);
      if (begins) {
        this._running.scrollIntoView({ block: 'center' }); // so that the progress is in sight
      }
    }
    this.updateButtons();
  }

  /** Enable and disable the buttons by ARIA, not by `disabled`: a button that has the focus keeps it. */
  private updateButtons(): void {
    const { allowsClicks } = this._guard;
    for (const node of [this._dismiss, this._close]) {
      node.setAttribute('aria-disabled', String(!allowsClicks));
    }
    for (const node of [this._start, this._stop]) {
      node.setAttribute('aria-disabled', String(!allowsClicks || this._isSending));
    }
    this._automatic.node.style.display =
      this.model.state?.packages.automatic === null ? 'none' : '';
    this._automatic.box.disabled = this._isSending;
    if (!this._isSending) {
      this._automatic.box.checked = !!this.model.state?.packages.automatic;
    }
  }

  private async send(request: () => Promise<IState>): Promise<void> {
    if (this._isSending) {
      return;
    }
    this._isSending = true;
    this.updateButtons();
    try {
      this.model.update(await request());
      setText(this._problem, '');
    } catch (error) {
      setText(this._problem, requestErrorText(this.language, error));
      this._problem.scrollIntoView();
    } finally {
      this._isSending = false;
      this.updateButtons();
    }
  }

  private readonly _sentence = element('p', 'jp-NbUpdater-text');
  private readonly _running = element('div', 'jp-NbUpdater-running');
  private readonly _bar = element('progress', 'jp-NbUpdater-bar');
  private readonly _progress = element('p', 'jp-NbUpdater-text jp-NbUpdater-remark');
  private readonly _failures = element('div', 'jp-NbUpdater-failures');
  private readonly _list: PackageList;
  private readonly _automatic: { node: HTMLLabelElement; box: HTMLInputElement };
  private readonly _problem = element('p', 'jp-NbUpdater-problem');
  private readonly _dismiss: HTMLButtonElement;
  private readonly _close: HTMLButtonElement;
  private readonly _start: HTMLButtonElement;
  private readonly _stop: HTMLButtonElement;
  private readonly _guard: ClickGuard;
  private _offered: 'start' | 'stop' | 'none' | null = null;
  private _known = '[]';
  private _isSending = false;
  private _isDisposed = false;
}

/** The dialog "Packages you installed": the panel alone, also after a restart by hand, and when "Restarted" is closed. */
export class AddedPackagesDialog extends Modal {
  /** @param timer - of the click guard; a test has its own */
  constructor(language: Language, model: UpdateModel, api: Api, timer?: Timer) {
    const { trans } = language;
    const close = () => {
      this.dispose();
    };
    super({
      role: 'dialog',
      title: trans.__('Packages you installed'),
      body: [],
      buttons: [],
      onEscape: close
    });
    this._panel = new PackagesPanel(language, model, api, this, close, timer);
    this.setBody(this._panel.node);
  }

  override dispose(): void {
    this._panel.dispose();
    super.dispose();
  }

  private readonly _panel: PackagesPanel;
}
