import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../src/server/api';
import { UpdateModel, pageOf } from '../src/server/model';
import type { IState, TabMessage } from '../src/server/protocol';
import { NOW, advised, restart, state } from './helpers/states';

let clock: number;
let model: UpdateModel;
let sent: TabMessage[];

beforeEach(() => {
  clock = 1000;
  sent = [];
  model = new UpdateModel('lab', () => clock);
  model.outgoing.connect((_, message) => sent.push(message));
});

describe('whoever follows', () => {
  it('looks at once when the server has spoken already', () => {
    model.update(state());
    const look = vi.fn();
    model.observe(look);
    expect(look).toHaveBeenCalledOnce();
  });

  it('looks at every change from then on', () => {
    const look = vi.fn();
    model.observe(look);
    expect(look).not.toHaveBeenCalled();
    model.update(state());
    model.setConnected(true);
    expect(look).toHaveBeenCalledTimes(2);
  });
});

describe('the state', () => {
  it('is nothing before the server has spoken', () => {
    expect(model.state).toBeNull();
    expect(model.isAway).toBe(false);
  });

  it('is never replaced by an older one of the same server', () => {
    model.update(state({ revision: 5 }));
    model.update(state({ revision: 4, outcome: null, restart: restart('saving') }));
    expect(model.state?.restart.phase).toBe('idle');
  });

  it("is another server's whatever its revision", () => {
    model.update(state({ revision: 5 }));
    model.update(state({ revision: 1, server_id: 'server-2' }));
    expect(model.state?.server_id).toBe('server-2');
  });

  it("tells the server's time, whatever this computer believes", () => {
    model.update(state());
    clock += 2500;
    expect(model.now).toBe(Date.parse(NOW) + 2500);
  });
});

describe('a server that goes', () => {
  it('is away while it stops', () => {
    model.update(state({ restart: restart('stopping') }));
    expect(model.isAway).toBe(true);
  });

  it('is away when the channel closes while the return is being armed', () => {
    model.setConnected(true);
    model.update(state({ restart: restart('arming') }));
    expect(model.isAway).toBe(false);
    model.setConnected(false);
    expect(model.isAway).toBe(true);
  });

  it('is replaced when another one answers after a restart', () => {
    model.update(state({ restart: restart('stopping') }));
    model.update(state({ server_id: 'server-2' }));
    expect(model.isReplaced).toBe(true);
  });

  it('is not replaced when Jupyter was started anew without a restart of ours', () => {
    model.update(state());
    model.update(state({ server_id: 'server-2' }));
    expect(model.isReplaced).toBe(false);
  });

  it('has not gone when the stop failed', () => {
    model.update(state({ restart: restart('stopping') }));
    model.update(state({ revision: 2, restart: restart('failed') }));
    expect(model.isAway).toBe(false);
    expect(model.isReplaced).toBe(false);
  });
});

describe('what the server is sent', () => {
  it('is what is open, once for each change', () => {
    model.setDocuments([{ path: 'a.ipynb', dirty: false }]);
    model.setDocuments([{ path: 'a.ipynb', dirty: false }]);
    model.setDocuments([{ path: 'a.ipynb', dirty: true }]);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({
      type: 'hello',
      page: 'lab',
      documents: [{ path: 'a.ipynb', dirty: true }]
    });
  });

  it('includes the answer of the running round on a new channel', () => {
    model.update(state({ restart: restart('saving') }));
    model.report('restart-1', { documents: [], unsaved_widgets: [] });
    expect(model.openingMessages().map(({ type }) => type)).toEqual(['hello', 'report']);
  });

  it('does not include the answer of a round that is over', () => {
    model.update(state({ restart: restart('saving') }));
    model.report('restart-1', { documents: [], unsaved_widgets: [] });
    model.update(state({ revision: 2 }));
    expect(model.openingMessages().map(({ type }) => type)).toEqual(['hello']);
  });
});

it.each([
  ['/lab/tree/a.ipynb', '/', 'lab'],
  ['/user/x/notebooks/a.ipynb', '/user/x/', 'notebooks'],
  ['/', '/', 'lab']
])('%s below %s is the page %s', (path, base, page) => {
  expect(pageOf(path, base)).toBe(page);
});

it('says good-bye when it is closed, so that nobody waits for it', () => {
  model.sayBye();
  expect(sent).toEqual([{ type: 'bye' }]);
});

describe('the clock that advice goes by', () => {
  it('is that of the server', () => {
    model.update(state());
    clock += 5000;
    expect(model.adviceNow).toBe(Date.parse(NOW) + 5000);
  });

  it('is a simulated one where there is one, as fast as that goes', () => {
    model.update(advised({ clock: { now: '2027-02-01T00:00:00Z', rate: 60 } }));
    clock += 5000;
    expect(model.adviceNow).toBe(Date.parse('2027-02-01T00:05:00Z'));
    expect(model.now).toBe(Date.parse(NOW) + 5000);
  });
});

describe('the restart that this tab asks for', () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value)
    };
  };
  const mine = state({ revision: 2, restart: restart('preflight', { id: 'r-2' }) });

  it('is its own as soon as the server speaks of it, before the answer is here', async () => {
    model.update(state({ restart: restart('refused', { id: 'r-1' }) }));
    let answer!: (state: IState) => void;
    const asked = model.requestRestart(new Promise(resolve => (answer = resolve)));
    expect(model.isOwnRestart).toBe(false);
    model.update(mine);
    expect(model.isOwnRestart).toBe(true);
    answer(mine);
    await asked;
    model.update(state({ revision: 3, restart: restart('preflight', { id: 'r-3' }) }));
    expect(model.isOwnRestart).toBe(false);
  });

  it('is not its own when the server refused to begin one, and another tab began', async () => {
    model.update(state());
    const refused = model.requestRestart(Promise.reject(new ApiError(409, 'already-running', '')));
    model.update(mine);
    await expect(refused).rejects.toThrow();
    expect(model.isOwnRestart).toBe(false);
  });

  it('may be its own when nothing has answered', async () => {
    model.update(state());
    const error = new ApiError(0, 'unreachable', '', '', true);
    await expect(model.requestRestart(Promise.reject(error))).rejects.toBe(error);
    model.update(mine);
    expect(model.isOwnRestart).toBe(true);
  });

  it('stays its own when the page is loaded again', async () => {
    const storage = memory();
    const before = new UpdateModel('lab', () => clock, storage);
    before.update(state());
    before.update(await before.requestRestart(Promise.resolve(mine)));
    const after = new UpdateModel('lab', () => clock, storage);
    after.update(mine);
    expect(after.isOwnRestart).toBe(true);
  });
});
