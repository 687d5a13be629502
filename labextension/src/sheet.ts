/**
 * The question before a restart: what is saved, what is lost, what comes back.
 */
import { ApiError } from './api';
import type { Api } from './api';
import { button, element, item, link, section } from './dom';
import type { Language } from './i18n';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { stopsOnly } from './protocol';
import type { IDocument, IState } from './protocol';
import * as words from './words/restart';

export class Sheet extends Modal {
  /** @param state - what is known so far; `refresh` replaces it by what is true now */
  constructor(
    private readonly model: UpdateModel,
    private readonly api: Api,
    private readonly language: Language,
    state: IState
  ) {
    const stops = stopsOnly(state.return_path);
    const close = () => {
      this.dispose();
    };
    const cancel = button(language.trans.__('Cancel'), 'reject', close);
    const confirm = button(words.restartLabel(language, stops), 'accept', () => {
      void this.confirm();
    });
    super({
      role: 'dialog',
      title: words.sheetTitle(language, stops),
      body: [],
      buttons: [cancel, confirm],
      onEscape: close
    });
    this._cancel = cancel;
    this._confirm = confirm;
    this._stops = stops;
    this.show(state);
  }

  /** Ask, with the focus on Cancel: neither Enter nor a key held down restarts anything. */
  async ask(): Promise<void> {
    this._confirm.disabled = true;
    this.open(this._cancel);
    try {
      const state = await this.api.state();
      this.model.update(state);
      this.show(state);
      this._confirm.disabled = false;
    } catch {
      this.complain(this.language.trans.__('The server does not answer. Nothing was changed.'));
    }
  }

  private async confirm(): Promise<void> {
    this._confirm.disabled = true;
    try {
      this.model.update(await this.api.restart(this._losses, this._stops));
      this.dispose();
    } catch (error) {
      this.complain(this.refusal(error));
    }
  }

  private show(state: IState): void {
    this._losses = state.work.losses.map(loss => loss.id);
    const { language, _stops: stops } = this;
    const { trans } = language;
    const documents = merged(state.work.documents, this.model.documents);
    const saved = documents.map(document => item(...words.savedItem(language, document)));
    const lost = state.work.losses.map(loss => item(...words.lostItem(language, loss)));
    this._problem.setAttribute('role', 'alert');
    this.setBody(
      element('p', 'jp-NbUpdater-text', words.sheetIntroduction(language, stops)),
      ...(stops ? [howToStart(language, state)] : []),
      section(
        trans.__('Will be saved'),
        ...(saved.length > 0 ? saved : [item(trans.__('No document is open'))])
      ),
      // What every stop wipes comes first: a long list of kernels must not hide it.
      section(trans.__('Will be lost'), item(...words.alwaysLost(language)), ...lost),
      section(trans.__('Comes back'), ...words.comesBack(language, stops).map(text => item(text))),
      this._problem
    );
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
  private readonly _cancel: HTMLButtonElement;
  private readonly _confirm: HTMLButtonElement;
  private readonly _stops: boolean;
  private _losses: string[] = [];
}

/** Who starts it, and with what. */
function howToStart({ trans }: Language, state: IState): HTMLElement {
  const command = words.startCommand(state);
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
