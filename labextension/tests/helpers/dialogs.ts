/**
 * A tab with all its dialogs, connected to a server in memory.
 */
import { getAllByRole } from '@testing-library/dom';
import { afterEach, beforeEach, vi } from 'vitest';

import { Language } from '../../src/i18n/language';
import { DialogManager } from '../../src/restart/dialogManager';
import { Api } from '../../src/server/api';
import { UpdateModel } from '../../src/server/model';
import type { IRestart, IState } from '../../src/server/protocol';
import type { Timer } from '../../src/ui/clickGuard';
import { LazyUi } from '../../src/ui/lazyUi';
import type { Ui } from '../../src/ui/lazyUi';
import { Server } from './server';

export const page = document.body;

export class TestTab {
  clock!: number;
  /** Whether new buttons ignore clicks until `endGuard`. */
  isGuarded!: boolean;
  readonly reload = vi.fn<() => void>();
  readonly openFiles = vi.fn<(paths: string[]) => void>();
  server!: Server;
  model!: UpdateModel;
  dialogs!: DialogManager;

  /** Open the page: load the user interface, and follow the model like the plugin. */
  async open(): Promise<void> {
    this.clock = 0;
    this.isGuarded = false;
    this.server = new Server();
    this.model = new UpdateModel('lab', () => this.clock);
    this.dialogs = this.createDialogs(this.createUi());
    this.model.changed.connect(() => {
      this.dialogs.refresh();
    });
    this.model.update(this.server.state);
    await this.dialogs.loadUi();
  }

  /** End the time for which new buttons ignore clicks. */
  endGuard(): void {
    this.guarded();
  }

  createDialogs(ui: LazyUi, appReady?: Promise<unknown>): DialogManager {
    const api = new Api(this.server.settings);
    const { model, reload, openFiles } = this;
    return new DialogManager(model, api, new Language(null), ui, reload, openFiles, appReady);
  }

  createUi(): LazyUi {
    return new LazyUi(() =>
      uiWith(work => {
        this.guarded = work;
        if (!this.isGuarded) {
          work();
        }
      })
    );
  }

  /** Request a restart from this tab, and send it its state. */
  async ask(over: IRestart): Promise<void> {
    this.server.push({ restart: over });
    await this.model.requestRestart(Promise.resolve(this.server.state)).then(state => {
      this.model.update(state);
    });
  }

  /** Change the state of the server, and send it to this tab. */
  tell(over: Partial<IState>): void {
    this.server.push(over);
    this.model.update(this.server.state);
  }

  private guarded: () => void = () => undefined;
}

/** Create a new tab for each test of a file. */
export function testTab(): TestTab {
  const tab = new TestTab();
  beforeEach(() => tab.open());
  afterEach(() => {
    tab.dialogs.dispose();
  });
  return tab;
}

/** Return the user interface with another timer for its click guards. */
async function uiWith(timer: Timer): Promise<Ui> {
  const ui = await import('../../src/ui');
  type Of<T extends abstract new (...all: never[]) => unknown> = ConstructorParameters<T>;
  class ConfirmDialog extends ui.ConfirmDialog {
    constructor(...[model, api, language, state, openFiles]: Of<typeof ui.ConfirmDialog>) {
      super(model, api, language, state, openFiles, timer);
    }
  }
  class ProgressDialog extends ui.ProgressDialog {
    constructor(...[language, state, cancel, reload]: Of<typeof ui.ProgressDialog>) {
      super(language, state, cancel, reload, timer);
    }
  }
  class RestartedDialog extends ui.RestartedDialog {
    constructor(...[language, model, api, outcome, close]: Of<typeof ui.RestartedDialog>) {
      super(language, model, api, outcome, close, timer);
    }
  }
  class AddedPackagesDialog extends ui.AddedPackagesDialog {
    constructor(...[language, model, api]: Of<typeof ui.AddedPackagesDialog>) {
      super(language, model, api, timer);
    }
  }
  const whyDialog: Ui['whyDialog'] = (language, model, api, state) =>
    ui.whyDialog(language, model, api, state, timer);
  return { ...ui, AddedPackagesDialog, ConfirmDialog, ProgressDialog, RestartedDialog, whyDialog };
}

/** Press a key in the focused element. */
export function press(key: string, over: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...over });
  (document.activeElement ?? page).dispatchEvent(event);
  return event;
}

/** Return the texts of a list. */
export function texts(list: HTMLElement): (string | null)[] {
  return getAllByRole(list, 'listitem').map(({ textContent }) => textContent);
}
