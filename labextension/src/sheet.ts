/**
 * The question before a restart: what is saved, what is lost, what comes back, and whether now is the moment.
 */
import type { Api } from './api';
import { Arming } from './arming';
import type { Timer } from './arming';
import { button, element, write } from './dom';
import type { Language } from './i18n';
import { inventory, MOVE } from './inventory';
import { Keep } from './keep';
import { Later } from './later';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { choice } from './parts';
import { holdAt, stopsOnly } from './protocol';
import type { IState } from './protocol';
import { problemSentence } from './words/problem';
import { restartLabel } from './words/restart';
import * as words from './words/sheet';

/** While the question is open, what is true changes: a kernel comes to its end, another starts. */
const LOOK_MS = 5000;

export class Sheet extends Modal {
  /**
   * @param state - what is known so far; `ask` replaces it by what is true now
   * @param timer - after which its buttons count
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
      title: words.sheetTitle(language, stops),
      body: [],
      buttons: [cancel, idle, confirm],
      onEscape: close
    });
    this._cancel = cancel;
    this._idle = idle;
    this._confirm = confirm;
    this._stops = stops;
    this._later = new Later(language, model, {
      restart: when => {
        this.restart(when);
      },
      hold: (until, reason) => {
        void this.send(() => this.api.hold(until, reason));
      }
    });
    this._keep = new Keep(language, files => this.keep(files));
    this._arming = new Arming(() => {
      this.allow();
    }, timer);
    this._problem.setAttribute('role', 'alert');
    this._hint.setAttribute('role', 'status');
    this.setBody(this._facts, this._keep.node, this._later.node, this._hint, this._problem);
    this.show(state);
  }

  /** Ask, with the focus on Cancel: neither Enter nor a key held down restarts anything. */
  async ask(): Promise<void> {
    this.open(this._cancel);
    this._arming.begin();
    await this.look();
  }

  override dispose(): void {
    window.clearTimeout(this._timer);
    super.dispose();
  }

  /** What is true now, and again after a while; what was typed, chosen and ticked stays. */
  private async look(): Promise<void> {
    try {
      const state = await this.api.state();
      this.model.update(state);
      this._isFresh = true;
      this.show(state);
    } catch {
      if (!this._isFresh) {
        this.complain(this.language.trans.__('The server does not answer. Nothing was changed.'));
      }
    }
    if (!this.isDisposed) {
      this._timer = window.setTimeout(() => void this.look(), LOOK_MS);
    }
  }

  private restart(when: string): void {
    // A move does not pass by itself: a restart that waits would wait for nothing.
    if ([...this._boxes.keys()].some(id => id.startsWith(MOVE) && !this._words.has(id))) {
      this.complain(this.language.trans.__('Tick the move to another platform first.'));
      return;
    }
    const request = {
      when,
      losses: this._losses,
      words: [...this._words],
      without_return: this._stops
    };
    void this.send(() => this.api.restart(request, this.model.tab));
  }

  private async send(request: () => Promise<IState>): Promise<void> {
    this._isSending = true;
    this.allow();
    try {
      this.model.update(await request());
      this.dispose();
    } catch (error) {
      this.complain(problemSentence(this.language, error));
    } finally {
      this._isSending = false;
      this.allow();
    }
  }

  /** A choice about what comes along, which changes nothing about the question. */
  private async keep(files: string[]): Promise<void> {
    try {
      this.model.update(await this.api.keep(files));
      write(this._problem, '');
    } catch (error) {
      this.complain(problemSentence(this.language, error));
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
    // How much memory something has changes all the time, and asks nothing of anyone: no line moves under the mouse for it.
    // Nor for how much of the volume is free.
    const risks = state.risks.map(({ code }) => code);
    const known = JSON.stringify(
      [state.work, facts.documents, facts.hold, state.instance.moves_to, risks, state.desk.keeping],
      (key, value: unknown) => (key === 'memory' ? null : value)
    );
    if (known !== this._known) {
      this._known = known;
      this._losses = state.work.losses.map(loss => loss.id);
      const had = this._focused;
      this._boxes.clear();
      this._facts.replaceChildren(...inventory(language, facts, this._stops, this.word));
      this._boxes.get(had)?.focus();
    }
    this._keep.show(state.desk);
    this.allow();
  }

  /** Something that is lost only when the person ticks it: a second word, which names it. */
  private readonly word = (id: string, text: string, remark = ''): HTMLLIElement => {
    const line = choice(text, remark, this._words.has(id), checked => {
      this._words[checked ? 'add' : 'delete'](id);
      this.allow();
    });
    this._boxes.set(id, line.box);
    return line.node;
  };

  /** The id of the box that has the focus, or nothing. */
  private get _focused(): string {
    const found = [...this._boxes].find(([, box]) => box === document.activeElement);
    return found?.[0] ?? '';
  }

  private allow(): void {
    const mayAsk = this._isFresh && !this._isSending && this._arming.isArmed;
    const isOpen = [...this._boxes.keys()].some(id => !this._words.has(id));
    this._confirm.disabled = !mayAsk || isOpen;
    this._idle.disabled = !mayAsk;
    this._later.allow(mayAsk);
    this._hint.textContent = isOpen ? words.tickFirst(this.language, this._stops) : '';
  }

  private complain(problem: string): void {
    this._problem.textContent = problem;
    this._problem.scrollIntoView();
  }

  private readonly _facts = element('div', 'jp-NbUpdater-facts');
  private readonly _problem = element('p', 'jp-NbUpdater-problem');
  private readonly _hint = element('p', 'jp-NbUpdater-hint jp-NbUpdater-remark');
  private readonly _keep: Keep;
  private readonly _later: Later;
  private readonly _arming: Arming;
  private readonly _cancel: HTMLButtonElement;
  private readonly _idle: HTMLButtonElement;
  private readonly _confirm: HTMLButtonElement;
  private readonly _stops: boolean;
  private readonly _words = new Set<string>();
  private readonly _boxes = new Map<string, HTMLInputElement>();
  private _losses: string[] = [];
  private _known = '';
  private _isFresh = false;
  private _isSending = false;
  private _timer = 0;
}
