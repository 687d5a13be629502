import type { JupyterLab } from '@jupyterlab/application';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Reconnect, reloadWhenSafe } from '../src/restart/reconnect';
import type { IReloadActions } from '../src/restart/reconnect';
import { Api } from '../src/server/api';
import { UpdateModel } from '../src/server/model';
import type { DocumentOutcome, ITabReport } from '../src/server/protocol';
import { Server } from './helpers/server';
import { restart, state } from './helpers/states';

let server: Server;
let model: UpdateModel;
let info: JupyterLab.IInfo;
let away: Reconnect;

beforeEach(() => {
  server = new Server();
  model = new UpdateModel('lab');
  info = { isConnected: true } as JupyterLab.IInfo;
  away = new Reconnect(new Api(server.settings, 50), model, info, 1);
  model.changed.connect(() => {
    away.update();
  });
  model.update(server.state);
});

afterEach(() => {
  away.dispose();
});

function stopping(): void {
  server.push({ restart: restart('stopping') });
  model.update(server.state);
}

describe('while the instance is away', () => {
  it('JupyterLab is told that it is disconnected, so that it shows no error of its own', () => {
    stopping();
    expect(info.isConnected).toBe(false);
  });

  it.each([
    ['a bad request', { status: 400, body: 'Bad Request' }],
    ['not found', { status: 404, body: '' }],
    ['a bad gateway', { status: 502, body: '<html></html>' }],
    ['a page of its own', { status: 200, body: '<html></html>' }]
  ])('%s does not end the asking', async (_, answer) => {
    stopping();
    server.answerInstead = answer;
    await vi.waitFor(() => {
      expect(server.requests.length).toBeGreaterThan(3);
    });
    expect(model.isReplaced).toBe(false);
    server.answerInstead = null;
    server.state = state({ server_id: 'server-2' });
    await vi.waitFor(() => {
      expect(model.isReplaced).toBe(true);
    });
    expect(info.isConnected).toBe(true);
  });

  it.each([401, 403])(
    'the person is told of an answer %i, until another one comes',
    async status => {
      stopping();
      server.answerInstead = { status, body: '' };
      await vi.waitFor(() => {
        expect(model.problem).toBe('signed-out');
      });
      server.answerInstead = { status: 502, body: '' };
      await vi.waitFor(() => {
        expect(model.problem).toBe('');
      });
      server.answerInstead = null;
      server.state = state({ server_id: 'server-2' });
      await vi.waitFor(() => {
        expect(model.isReplaced).toBe(true);
      });
    }
  );

  it('the person is told when the answer leads to a page for signing in', async () => {
    stopping();
    server.redirects = true;
    await vi.waitFor(() => {
      expect(model.problem).toBe('signed-out');
    });
  });

  it('the person works on when the stop has failed', async () => {
    stopping();
    server.push({ restart: restart('failed') });
    await vi.waitFor(() => {
      expect(model.state?.restart.phase).toBe('failed');
    });
    expect(info.isConnected).toBe(true);
  });

  it('a page without the flag does without', () => {
    const bare = new Reconnect(new Api(server.settings), model, null, 1);
    stopping();
    expect(() => {
      bare.update();
      bare.dispose();
    }).not.toThrow();
  });
});

describe('coming home', () => {
  const answer = (outcome: DocumentOutcome, ...unsaved_widgets: string[]): Promise<ITabReport> =>
    Promise.resolve({
      documents: [{ path: 'a.ipynb', outcome, detail: null, copy: null }],
      unsaved_widgets
    });
  let home: IReloadActions;
  let dirty: boolean;

  beforeEach(() => {
    dirty = false;
    home = {
      isDirty: () => dirty,
      save: vi.fn(() => answer('clean')),
      discardRescued: vi.fn(),
      reload: vi.fn(),
      askForReload: vi.fn()
    };
  });

  it('reloads at once when everything is saved', async () => {
    await reloadWhenSafe(home);
    expect(home.save).not.toHaveBeenCalled();
    expect(home.reload).toHaveBeenCalledOnce();
  });

  it('saves what came after the save round, then reloads', async () => {
    dirty = true;
    home.save = () => {
      dirty = false;
      return answer('saved');
    };
    await reloadWhenSafe(home);
    expect(home.reload).toHaveBeenCalledOnce();
  });

  it('asks when something cannot be saved', async () => {
    dirty = true;
    home.save = () => answer('failed');
    await reloadWhenSafe(home);
    expect(home.reload).not.toHaveBeenCalled();
    expect(home.askForReload).toHaveBeenCalledOnce();
  });

  it('lets go of what is in a rescue copy, and reloads without a question', async () => {
    dirty = true;
    home.save = () => answer('rescued');
    home.discardRescued = () => {
      dirty = false;
    };
    await reloadWhenSafe(home);
    expect(home.reload).toHaveBeenCalledOnce();
  });

  it('asks when something that is no document is unsaved', async () => {
    dirty = true;
    home.save = () => answer('saved', 'Settings');
    await reloadWhenSafe(home);
    expect(home.discardRescued).not.toHaveBeenCalled();
    expect(home.askForReload).toHaveBeenCalledOnce();
  });

  it('asks when saving breaks', async () => {
    dirty = true;
    home.save = () => Promise.reject(new Error('no'));
    await reloadWhenSafe(home);
    expect(home.askForReload).toHaveBeenCalledOnce();
  });
});
