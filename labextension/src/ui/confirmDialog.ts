/**
 * Ask before a restart: show what is saved, what is lost and what is restored, and let somebody confirm or postpone it.
 */
import { CONFIRM_REFRESH_MS } from '../constants';
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
import { MIGRATION_PREFIX, confirmSections } from './confirmSections';
import { button, checkboxItem, element, setText } from './dom';
import { KeepFilesOption } from './keepFilesOption';
import { Modal } from './modal';
import { PostponeForm } from './postponeForm';

export class ConfirmDialog extends Modal {
  /**
   * @param state - the last known one; `ask` gets a new one
   * @param timer - of the click guard; a test has its own
   */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    state: IState,
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
    this._postpone = new PostponeForm(language, model, {
      restart: when => {
        this.restart(when);
      },
      hold: (until, reason) => {
        void this.send(() => this.api.hold(until, reason));
      }
    });
    this._keepFiles = new KeepFilesOption(language, files => this.keep(files));
    this._guard = new ClickGuard(() => {
      this.updateButtons();
    }, timer);
    this._problem.setAttribute('role', 'alert');
    this._hint.setAttribute('role', 'status');
    this.setBody(this._facts, this._keepFiles.node, this._postpone.node, this._hint, this._problem);
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

  /** Show the current state, now and again after a while; what was typed, chosen and ticked stays. */
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
    if (
      [...this._boxes.keys()].some(
        id => id.startsWith(MIGRATION_PREFIX) && !this._confirmed.has(id)
      )
    ) {
      this.showProblem(trans.__('Tick the move to another platform first.'));
      return;
    }
    const request = {
      when,
      losses: this._losses,
      confirmed: [...this._confirmed],
      without_return: this._stops
    };
    void this.send(() => this.api.restart(request, this.model.tab));
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
      const focused = this._focused;
      this._boxes.clear();
      this._facts.replaceChildren(
        ...confirmSections(language, facts, this._stops, this.confirmable)
      );
      this._boxes.get(focused)?.focus();
    }
    this._keepFiles.show(state.restore);
    this.updateButtons();
  }

  /** Create the line of something that has to be confirmed by itself. */
  private readonly confirmable = (id: string, text: string, remark = ''): HTMLLIElement => {
    const line = checkboxItem(text, remark, this._confirmed.has(id), checked => {
      this._confirmed[checked ? 'add' : 'delete'](id);
      this.updateButtons();
    });
    this._boxes.set(id, line.box);
    return line.node;
  };

  /** The id of the checkbox that has the focus, or ''. */
  private get _focused(): string {
    const found = [...this._boxes].find(([, box]) => box === document.activeElement);
    return found?.[0] ?? '';
  }

  private updateButtons(): void {
    const mayAsk = this._isFresh && !this._isSending && this._guard.allowsClicks;
    const isUnconfirmed = [...this._boxes.keys()].some(id => !this._confirmed.has(id));
    this._confirm.disabled = !mayAsk || isUnconfirmed;
    this._idle.disabled = !mayAsk;
    this._postpone.setEnabled(mayAsk);
    this._hint.textContent = isUnconfirmed ? words.confirmFirst(this.language, this._stops) : '';
  }

  private showProblem(problem: string): void {
    this._problem.textContent = problem;
    this._problem.scrollIntoView();
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
  private readonly _confirmed = new Set<string>();
  private readonly _boxes = new Map<string, HTMLInputElement>();
  private _losses: string[] = [];
  private _known = '';
  private _isFresh = false;
  private _isSending = false;
  private _timer = 0;
}
