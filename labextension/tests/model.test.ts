import { beforeEach, describe, expect, it, vi } from 'vitest';

import { UpdateModel, pageOf } from '../src/server/model';
import type { TabMessage } from '../src/server/protocol';
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
