/**
 * The question before a restart: what is saved, what is lost, what comes back, and whether now is the moment.
 */
import { ApiError } from './api';
import type { Api } from './api';
import { button, choice, element, item, link, section } from './dom';
import type { Language } from './i18n';
import { Later } from './later';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { holdAt, stopsOnly } from './protocol';
import type { IDocument, ILoss, IState } from './protocol';
import { restartLabel, startCommand } from './words/restart';
import * as words from './words/sheet';

export class Sheet extends Modal {
  /** @param state - what is known so far; `ask` replaces it by what is true now */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    state: IState
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
    this._later = new Later(language, {
      restart: when => {
        this.restart(when);
      },
      hold: (until, reason) => {
        void this.send(() => this.api.hold(until, reason));
      }
    });
    this._problem.setAttribute('role', 'alert');
    this._hint.setAttribute('role', 'status');
    this.show(state);
  }

  /** Ask, with the focus on Cancel: neither Enter nor a key held down restarts anything. */
  async ask(): Promise<void> {
    this.open(this._cancel);
    try {
      const state = await this.api.state();
      this.model.update(state);
      this._isFresh = true;
      this.show(state);
    } catch {
      this.complain(this.language.trans.__('The server does not answer. Nothing was changed.'));
    }
  }

  private restart(when: string): void {
    const request = {
      when,
      losses: this._losses,
      words: [...this._words],
      without_return: this._stops
    };
    void this.send(() => this.api.restart(request));
  }

  private async send(request: () => Promise<IState>): Promise<void> {
    this.allow(false);
    try {
      this.model.update(await request());
      this.dispose();
    } catch (error) {
      this.complain(this.refusal(error));
      this.allow(true);
    }
  }

  private show(state: IState): void {
    this._losses = state.work.losses.map(loss => loss.id);
    this._asked = [];
    const { language, _stops: stops, model } = this;
    const { trans } = language;
    const hold = holdAt(state, model.now);
    const { documents, rescued, losses, lost_tabs: tabs } = state.work;
    const saved = merged(documents, model.documents).map(document => {
      const copies = rescued.filter(({ path }) => path === document.path);
      return copies.length > 0
        ? this.word(`rescued:${document.path}`, words.copyChoice(language, document.path, copies))
        : item(...words.savedItem(language, document));
    });
    const lost = inOrder(losses).map(loss => {
      const [name, remark] = words.lostItem(language, loss, model.now);
      return loss.busy ? this.word(loss.id, name, remark) : item(name, remark);
    });
    const unheard = tabs.map(tab => this.word(tab.id, words.lostTabChoice(language, tab)));
    this.setBody(
      element('p', 'jp-NbUpdater-text', words.sheetIntroduction(language, stops)),
      ...(stops ? [howToStart(language, state)] : []),
      ...(hold
        ? [
            section(
              trans.__('Held'),
              this.word(`hold:${hold.since}`, words.holdChoice(language, hold))
            )
          ]
        : []),
      section(
        trans.__('Will be saved'),
        ...(saved.length > 0 ? saved : [item(trans.__('No document is open'))])
      ),
      // What every stop wipes comes first: a long list of kernels must not hide it.
      section(trans.__('Will be lost'), item(...words.alwaysLost(language)), ...unheard, ...lost),
      section(trans.__('Comes back'), ...words.comesBack(language, stops).map(text => item(text))),
      this._later.node,
      this._hint,
      this._problem
    );
    this.allow(true);
  }

  /** Something that is lost only when the person ticks it: a second word, which names it. */
  private word(id: string, text: string, remark = ''): HTMLLIElement {
    this._asked.push(id);
    return choice(text, remark, this._words.has(id), checked => {
      this._words[checked ? 'add' : 'delete'](id);
      this.allow(true);
    });
  }

  private allow(mayAsk: boolean): void {
    const isOpen = this._asked.some(id => !this._words.has(id));
    this._confirm.disabled = !mayAsk || !this._isFresh || isOpen;
    this._idle.disabled = !mayAsk || !this._isFresh;
    this._later.allow(mayAsk && this._isFresh);
    this._hint.textContent = isOpen ? words.tickFirst(this.language, this._stops) : '';
  }

  private complain(problem: string): void {
    this._problem.textContent = problem;
    this._problem.scrollIntoView();
  }

  private refusal(error: unknown): string {
    const { trans } = this.language;
    const { code, message } =
      error instanceof ApiError ? error : new ApiError(0, '', String(error));
    switch (code) {
      case 'already-running':
        return trans.__('A restart is already running.');
      case 'unreachable':
        return trans.__('The server does not answer. Nothing was changed.');
      default:
        return trans.__('The server refused: %1', message);
    }
  }

  private readonly _problem = element('p', 'jp-NbUpdater-problem');
  private readonly _hint = element('p', 'jp-NbUpdater-hint jp-NbUpdater-remark');
  private readonly _later: Later;
  private readonly _cancel: HTMLButtonElement;
  private readonly _idle: HTMLButtonElement;
  private readonly _confirm: HTMLButtonElement;
  private readonly _stops: boolean;
  private readonly _words = new Set<string>();
  private _asked: string[] = [];
  private _losses: string[] = [];
  private _isFresh = false;
}

/** Who starts it, and with what. */
function howToStart({ trans }: Language, state: IState): HTMLElement {
  const command = startCommand(state);
  const how = element('div', 'jp-NbUpdater-how');
  if (state.instance.console_url) {
    how.append(
      element(
        'p',
        'jp-NbUpdater-text',
        link(trans.__('Start it in the AWS console'), state.instance.console_url)
      )
    );
  }
  if (command) {
    how.append(
      element('p', 'jp-NbUpdater-text', trans.__('or from a command line elsewhere:')),
      element('code', 'jp-NbUpdater-code', command)
    );
  }
  return how;
}

/** What all tabs have open, and what this one knows of it that the server may not yet; unsaved first. */
function merged(everywhere: readonly IDocument[], here: readonly IDocument[]): IDocument[] {
  const dirty = new Map(everywhere.map(document => [document.path, document.dirty]));
  for (const document of here) {
    dirty.set(document.path, document.dirty || (dirty.get(document.path) ?? false));
  }
  return [...dirty]
    .map(([path, isDirty]) => ({ path, dirty: isDirty }))
    .sort((a, b) => Number(b.dirty) - Number(a.dirty) || (a.path < b.path ? -1 : 1));
}

/** What needs the person's word first. */
function inOrder(losses: readonly ILoss[]): ILoss[] {
  return [...losses].sort((a, b) => Number(b.busy) - Number(a.busy));
}
