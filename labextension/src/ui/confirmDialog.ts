/**
 * Ask before a restart: show what is saved, what is lost and what is restored, and let somebody confirm or postpone it.
 */
import { CONFIRM_REFRESH_MS } from '../constants';
import { channelSentence } from '../i18n/banner';
import * as words from '../i18n/confirm';
import { requestErrorText } from '../i18n/findings';
import type { Language } from '../i18n/language';
import { restartLabel } from '../i18n/restart';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { holdAt, stopsOnly } from '../server/protocol';
import type { IState } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import { ConfirmChoices } from './confirmChoices';
import { MIGRATION_PREFIX, confirmChoices, confirmSections } from './confirmSections';
import { button, element, setText, uniqueId } from './dom';
import { KeepFilesOption } from './keepFilesOption';
import { Modal } from './modal';
import { PostponeForm } from './postponeForm';

export class ConfirmDialog extends Modal {
  /**
   * @param state - the last known one; `ask` gets a new one
   * @param openFiles - opens files beside each other, once the dialog is closed
   * @param timer - of the click guard; a test has its own
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    state: IState,
    openFiles: (paths: string[]) => void,
    timer?: Timer
  ) {
    const stops = stopsOnly(state.return_path);
    const { trans } = language;
    const close = () => {
      this.dispose();
    };
    const cancel = button(trans.__('Cancel'), 'reject', close);
    const idle = button(trans.__('When idle'), 'reject', () => {
      this.restart('idle');
    });
    const confirm = button(restartLabel(language, stops), 'accept', () => {
      this.restart('now');
    });
    super({
      role: 'dialog',
      title: words.confirmTitle(language, stops),
      body: [],
      buttons: [cancel, idle, confirm],
      onEscape: close
    });
    this._cancel = cancel;
    this._idle = idle;
    this._confirm = confirm;
    this._stops = stops;
    this._postpone = new PostponeForm(language, model, state.given_name, {
      restart: when => {
        this.restart(when);
      },
      hold: (until, reason, by) => {
        void this.send(() => this.api.hold(until, reason, by));
      }
    });
    this._keepFiles = new KeepFilesOption(language, files => this.keep(files));
    const update = () => {
      this.updateButtons();
    };
    this._guard = new ClickGuard(update, timer);
    this._problem.setAttribute('role', 'alert');
    this._hint.setAttribute('role', 'status');
    this._hint.id = uniqueId();
    confirm.setAttribute('aria-describedby', this._hint.id);
    this._choices = new ConfirmChoices(
      language,
      words.choicesHeading(language, stops),
      update,
      paths => {
        this.dispose();
        openFiles(paths);
      }
    );
    this.setBody(this._facts, this._keepFiles.node, this._postpone.node);
    this.setPinned(this._choices.node, this._hint, this._problem);
    this.show(state);
  }

  /** Open the dialog with the focus on Cancel: neither Enter nor a key held down restarts anything. */
  async ask(): Promise<void> {
    this.open(this._cancel);
    this._guard.restart();
    await this.refresh();
  }

  override dispose(): void {
    window.clearTimeout(this._timer);
    super.dispose();
  }

  /** Show the current state, now and again after a while; what was typed, chosen and selected stays. */
  private async refresh(): Promise<void> {
    const { trans } = this.language;
    try {
      const state = await this.api.state();
      this.model.update(state);
      this._isFresh = true;
      this.show(state);
    } catch {
      if (!this._isFresh) {
        this.showProblem(trans.__('The server does not answer. Nothing was changed.'));
      }
    }
    if (!this.isDisposed) {
      this._timer = window.setTimeout(() => void this.refresh(), CONFIRM_REFRESH_MS);
    }
  }

  private restart(when: string): void {
    const { trans } = this.language;
    // A move to another platform is always confirmed: a restart that waits for it would wait for ever.
    if (this._choices.missing.some(id => id.startsWith(MIGRATION_PREFIX))) {
      this.showProblem(trans.__('Confirm the move to another platform first.'));
      return;
    }
    const request = {
      when,
      losses: this._losses,
      confirmed: this._choices.confirmed,
      without_return: this._stops
    };
    void this.send(() => this.model.requestRestart(this.api.restart(request, this.model.tab)));
  }

  private async send(request: () => Promise<IState>): Promise<void> {
    this._isSending = true;
    this.updateButtons();
    try {
      this.model.update(await request());
      this.dispose();
    } catch (error) {
      this.showProblem(requestErrorText(this.language, error));
    } finally {
      this._isSending = false;
      this.updateButtons();
    }
  }

  /** Change which files are kept; the dialog stays open. */
  private async keep(files: string[]): Promise<void> {
    try {
      this.model.update(await this.api.keepFiles(files));
      setText(this._problem, '');
    } catch (error) {
      this.showProblem(requestErrorText(this.language, error));
    }
    const { state } = this.model;
    if (state && !this.isDisposed) {
      this.show(state);
    }
  }

  private show(state: IState): void {
    const { language, model } = this;
    const facts = {
      state,
      documents: model.documents,
      hold: holdAt(state, model.adviceNow),
      now: model.now
    };
    // The memory of a process and the free space of the volume change all the time, and nobody has to confirm them: no
    // line moves under the mouse for that.
    const risks = state.risks.map(({ code }) => code);
    const known = JSON.stringify(
      [
        state.work,
        facts.documents,
        facts.hold,
        state.instance.moves_to,
        risks,
        state.restore.enabled
      ],
      (key, value: unknown) => (key === 'memory' ? null : value)
    );
    if (known !== this._known) {
      this._known = known;
      this._losses = state.work.losses.map(loss => loss.id);
      const focused = document.activeElement;
      this._facts.replaceChildren(...confirmSections(language, facts, this._stops, this.fold));
      if (focused instanceof HTMLElement && this._facts.contains(focused)) {
        focused.focus(); // the list around it was replaced
      }
      this._choices.show(confirmChoices(language, facts, this._stops));
    }
    this._keepFiles.show(state.restore);
    this.updateButtons();
  }

  /** Return the element that folds away the end of a list; what somebody has unfolded stays so. */
  private readonly fold = (list: string): HTMLDetailsElement => {
    const node = this._folds.get(list) ?? element('details', 'jp-NbUpdater-details');
    this._folds.set(list, node);
    return node;
  };

  private updateButtons(): void {
    const isRefused = this.model.problem === 'refused';
    const mayAsk = this._isFresh && !this._isSending && this._guard.allowsClicks && !isRefused;
    const missing = this._choices.missing.length;
    this._confirm.disabled = !mayAsk || missing > 0;
    this._idle.disabled = !mayAsk;
    this._postpone.setEnabled(mayAsk);
    const hint = missing > 0 ? words.confirmFirst(this.language, this._stops, missing) : '';
    setText(this._hint, isRefused ? channelSentence(this.language, this.model) : hint);
  }

  private showProblem(problem: string): void {
    setText(this._problem, problem);
  }

  private readonly _facts = element('div', 'jp-NbUpdater-facts');
  private readonly _problem = element('p', 'jp-NbUpdater-problem');
  private readonly _hint = element('p', 'jp-NbUpdater-hint jp-NbUpdater-remark');
  private readonly _keepFiles: KeepFilesOption;
  private readonly _postpone: PostponeForm;
  private readonly _guard: ClickGuard;
  private readonly _cancel: HTMLButtonElement;
  private readonly _idle: HTMLButtonElement;
  private readonly _confirm: HTMLButtonElement;
  private readonly _stops: boolean;
  private readonly _choices: ConfirmChoices;
  private readonly _folds = new Map<string, HTMLDetailsElement>();
  private _losses: string[] = [];
  private _known = '';
  private _isFresh = false;
  private _isSending = false;
  private _timer = 0;
}
