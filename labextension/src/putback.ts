/**
 * Added packages, and putting them back: what there is, how far it has come, what failed and why. A part of two dialogs;
 * what happens goes on without either.
 */
import type { IDisposable } from '@lumino/disposable';

import type { Api } from './api';
import { Arming } from './arming';
import type { Timer } from './arming';
import { button, element, write } from './dom';
import { Environments } from './environments';
import type { Language } from './i18n';
import type { Modal } from './modal';
import type { UpdateModel } from './model';
import { section, tick } from './parts';
import type { IPackages, IState } from './protocol';
import { failuresOf, tallyOf } from './tally';
import type { IFailure } from './tally';
import * as words from './words/packages';
import { problemSentence } from './words/problem';

export class PutBack implements IDisposable {
  /**
   * @param modal - the dialog around it, which gets the buttons
   * @param close - end that
   * @param timer - after which its buttons count
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
        if (this._arming.isArmed) {
          action();
        }
      });
    this._dismiss = guarded(trans.__('Close'), 'reject', close);
    this._close = guarded(trans.__('Close'), 'accept', close);
    this._start = guarded('', 'accept', () => {
      void this.send(() => this.api.putBack());
    });
    this._stop = guarded(trans.__('Stop'), 'reject', () => {
      void this.send(() => this.api.stopPuttingBack());
    });
    this._automatic = tick(
      trans.__('Put them back automatically after each restart from now on'),
      '',
      model.state?.packages.automatic ?? false,
      checked => {
        void this.send(() => this.api.putBackByItself(checked));
      }
    );
    this._arming = new Arming(() => {
      this.allow();
    }, timer);
    this._sentence.setAttribute('role', 'status');
    this._problem.setAttribute('role', 'alert');
    this._bar.setAttribute('aria-label', trans.__('Putting packages back'));
    this._environments = new Environments(language);
    this._under.append(this._bar, this._progress);
    this.node.append(
      this._sentence,
      this._under,
      this._automatic.node,
      this._problem,
      this._failures,
      this._environments.node
    );
    this._refresh();
    model.changed.connect(this._refresh);
  }

  readonly node = element('div', 'jp-NbUpdater-putback');

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
    const { all, offered, again, ended } = tallyOf(packages);
    const runs = packages.phase === 'running';
    write(this._sentence, words.packagesSentence(language, packages));
    this._under.hidden = !runs;
    this._bar.max = Math.max(all, 1);
    this._bar.value = ended;
    write(this._progress, words.progressWords(language, packages));
    this.showFailures(packages);
    this._environments.show(packages.environments);
    write(
      this._start,
      offered > 0 ? words.putBackLabel(language, offered) : words.againLabel(language)
    );
    this.arrange(runs ? 'stop' : offered + again > 0 ? 'start' : 'none');
  };

  private showFailures(packages: IPackages): void {
    const failures = failuresOf(packages);
    const known = JSON.stringify(failures);
    if (known !== this._known) {
      this._known = known;
      this._failures.replaceChildren(
        ...(failures.length > 0
          ? [
              section(
                this.language.trans.__('Not put back'),
                ...failures.map(failure => this.failureLine(failure))
              )
            ]
          : [])
      );
    }
  }

  private failureLine(failure: IFailure): HTMLLIElement {
    const { text, reason, code } = words.failureWords(this.language, failure);
    const line = element('li', 'jp-NbUpdater-item', text);
    if (reason) {
      line.append(' – ', element('span', 'jp-NbUpdater-remark', reason));
    }
    if (code) {
      line.append(element('code', 'jp-NbUpdater-code', code));
    }
    return line;
  }

  private arrange(offered: 'start' | 'stop' | 'none'): void {
    if (offered !== this._offered) {
      const begins = offered === 'stop' && this._offered === 'start';
      this._offered = offered;
      this._arming.begin(); // another button is under the mouse now
      const { _dismiss, _start, _stop, _close } = this;
      const buttons = { start: [_dismiss, _start], stop: [_stop, _close], none: [_close] };
      this.modal.setButtons(...buttons[offered]);
      if (begins) {
        this._under.scrollIntoView({ block: 'center' }); // what was asked for is seen to happen
      }
    }
    this.allow();
  }

  /** Not `disabled`: whoever has the focus on one of them keeps it. */
  private allow(): void {
    const { isArmed } = this._arming;
    for (const node of [this._dismiss, this._close]) {
      node.setAttribute('aria-disabled', String(!isArmed));
    }
    for (const node of [this._start, this._stop]) {
      node.setAttribute('aria-disabled', String(!isArmed || this._isSending));
    }
    this._automatic.box.disabled = this._isSending;
    if (!this._isSending) {
      this._automatic.box.checked = this.model.state?.packages.automatic ?? false;
    }
  }

  private async send(request: () => Promise<IState>): Promise<void> {
    if (this._isSending) {
      return;
    }
    this._isSending = true;
    this.allow();
    try {
      this.model.update(await request());
      write(this._problem, '');
    } catch (error) {
      write(this._problem, problemSentence(this.language, error));
      this._problem.scrollIntoView();
    } finally {
      this._isSending = false;
      this.allow();
    }
  }

  private readonly _sentence = element('p', 'jp-NbUpdater-text');
  private readonly _under = element('div', 'jp-NbUpdater-under');
  private readonly _bar = element('progress', 'jp-NbUpdater-bar');
  private readonly _progress = element('p', 'jp-NbUpdater-text jp-NbUpdater-remark');
  private readonly _failures = element('div', 'jp-NbUpdater-failures');
  private readonly _environments: Environments;
  private readonly _automatic: { node: HTMLLabelElement; box: HTMLInputElement };
  private readonly _problem = element('p', 'jp-NbUpdater-problem');
  private readonly _dismiss: HTMLButtonElement;
  private readonly _close: HTMLButtonElement;
  private readonly _start: HTMLButtonElement;
  private readonly _stop: HTMLButtonElement;
  private readonly _arming: Arming;
  private _offered: 'start' | 'stop' | 'none' | null = null;
  private _known = '[]';
  private _isSending = false;
  private _isDisposed = false;
}
