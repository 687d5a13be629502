import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { SaveRoundResponder } from '../src/saving/saveRound';
import { Api } from '../src/server/api';
import { Channel } from '../src/server/channel';
import { UpdateModel } from '../src/server/model';
import { Server, settled } from './helpers/server';
import { restart } from './helpers/states';

const PACE = {
  firstDelayMs: 1,
  pollDelayMs: 3,
  maxDelayMs: 5,
  absentDelayMs: 60_000,
  openTimeoutMs: 1000
};

let server: Server;
let model: UpdateModel;
let channel: Channel;

beforeEach(() => {
  server = new Server();
  model = new UpdateModel('lab');
  channel = new Channel(new Api(server.settings), model, PACE);
});

afterEach(() => {
  channel.dispose();
});

/** Wait for a limited time until a condition is true. */
async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !what(); turn++) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  expect(what()).toBe(true);
}

describe('a tab that connects', () => {
  it('knows the state and says who it is', async () => {
    model.setDocuments([{ path: 'a.ipynb', dirty: true }]);
    void channel.run();
    await until(() => server.received.length > 0);
    expect(model.connected).toBe(true);
    expect(model.state?.server_id).toBe('server-1');
    expect(server.received[0]).toMatchObject({
      type: 'hello',
      page: 'lab',
      documents: [{ path: 'a.ipynb', dirty: true }]
    });
  });

  it('connects again when the channel closes, as the same tab', async () => {
    void channel.run();
    await until(() => model.connected);
    server.socket.close();
    expect(model.connected).toBe(false);
    await until(() => model.connected);
    const tabs = server.received.map(message => message.type === 'hello' && message.tab);
    expect(new Set(tabs).size).toBe(1);
    expect(server.sockets).toHaveLength(2);
  });

  it('gives its id with its first question, so that a round waits for it, but not while it is away', async () => {
    const asked: (string | undefined)[] = [];
    const api = new Api(server.settings);
    const watched = Object.assign(Object.create(api) as Api, {
      state: (tab?: string) => {
        asked.push(tab);
        return api.state(tab);
      }
    });
    channel = new Channel(watched, model, PACE);
    void channel.run();
    await until(() => model.connected);
    server.push({ restart: restart('away') });
    server.socket.close();
    await until(() => asked.length > 1);
    expect(asked.slice(0, 2)).toEqual([model.tab, undefined]);
  });

  it('says good-bye by a request of its own when it is closed before it is connected', async () => {
    model.sayBye();
    await until(() => server.requests.length > 0);
    expect(server.requests[0]).toMatchObject({ method: 'DELETE', path: 'nb-updater/page' });
    void channel.run();
    await until(() => model.connected);
    model.sayBye();
    expect(server.received.at(-1)).toEqual({ type: 'bye' });
  });

  it('keeps asking when a proxy answers with a page of its own', async () => {
    server.answerInstead = { status: 200, body: '<html>Service Unavailable</html>' };
    void channel.run();
    await until(() => server.requests.length >= 3);
    server.answerInstead = null;
    await until(() => model.connected);
  });

  it('asks once and falls silent where the server has no such extension', async () => {
    server.answerInstead = { status: 404, body: '{"message": "Not Found"}' };
    void channel.run();
    await settled();
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(server.requests).toHaveLength(1);
    expect(server.sockets).toHaveLength(0);
    expect(model.state).toBeNull();
  });

  it('ignores what is not a state document', async () => {
    void channel.run();
    await until(() => model.connected);
    const { state } = model;
    server.socket.onmessage?.({ data: 'no JSON' });
    server.socket.onmessage?.({ data: '{"type": "state", "state": {}}' });
    expect(model.state).toBe(state);
  });
});

describe('a save round', () => {
  let saves: number;

  beforeEach(() => {
    saves = 0;
    const responder = new SaveRoundResponder(model, {
      save: () => {
        saves += 1;
        const document = { path: 'a.ipynb', outcome: 'saved' as const, detail: null, copy: null };
        return Promise.resolve({ documents: [document], unsaved_widgets: [] });
      }
    });
    model.changed.connect(() => {
      responder.respond();
    });
  });

  const reports = () => server.received.filter(({ type }) => type === 'report');

  it('is answered once, however often the state is pushed', async () => {
    void channel.run();
    await until(() => model.connected);
    server.push({ restart: restart('saving') });
    server.push({ work: { documents: [], losses: [], rescued: [], lost_tabs: [] } });
    await until(() => reports().length > 0);
    await settled();
    expect(saves).toBe(1);
    expect(reports()).toEqual([
      {
        type: 'report',
        restart: 'restart-1',
        unsaved_widgets: [],
        documents: [{ path: 'a.ipynb', outcome: 'saved', detail: null, copy: null }]
      }
    ]);
  });

  it('is joined by a tab that comes in the middle', async () => {
    server.push({ restart: restart('saving') });
    void channel.run();
    await until(() => reports().length > 0);
    expect(saves).toBe(1);
  });

  it('is answered again, not saved again, on a new channel', async () => {
    server.push({ restart: restart('saving') });
    void channel.run();
    await until(() => reports().length > 0);
    const first = server.socket;
    first.close();
    await until(() => server.socket !== first && server.socket.received.length >= 2);
    expect(server.socket.received.at(-1)).toMatchObject({ type: 'report', restart: 'restart-1' });
    expect(saves).toBe(1);
  });

  it('is saved anew for another restart', async () => {
    void channel.run();
    await until(() => model.connected);
    server.push({ restart: restart('saving') });
    await until(() => reports().length === 1);
    server.push({ restart: restart('idle', { id: null }) });
    server.push({ restart: restart('saving', { id: 'restart-2' }) });
    await until(() => reports().length === 2);
    expect(saves).toBe(2);
  });
});

describe('a tab whose WebSocket does not open', () => {
  const messages = () =>
    server.requests.filter(({ path, method }) => path === 'nb-updater/page' && method === 'PUT');
  const types = () => messages().map(({ body }) => (body as { type: string }).type);

  beforeEach(() => {
    server.channelIsUp = false;
    const responder = new SaveRoundResponder(model, {
      save: () => Promise.resolve({ documents: [], unsaved_widgets: ['a'] })
    });
    model.changed.connect(() => {
      responder.respond();
    });
  });

  it('says so soon, and tells by requests what it has open', async () => {
    model.setDocuments([{ path: 'a.ipynb', dirty: true }]);
    void channel.run();
    await until(() => model.problem === 'polling');
    expect(model.connected).toBe(false);
    expect(messages()[0]?.body).toMatchObject({ type: 'hello', documents: [{ path: 'a.ipynb' }] });
    model.setDocuments([{ path: 'b.ipynb', dirty: true }]);
    await until(() => JSON.stringify(messages()).includes('b.ipynb'));
  });

  it('sees a save round by polling, and reports by a request', async () => {
    void channel.run();
    await until(() => model.problem === 'polling');
    server.push({ restart: restart('saving') });
    await until(() => types().includes('report'));
    expect(messages().at(-1)?.body).toMatchObject({ restart: 'restart-1', unsaved_widgets: ['a'] });
  });

  it('is told when the server takes it for a foreign page', async () => {
    server.pageStatus = 403;
    void channel.run();
    await until(() => model.problem === 'refused');
  });

  it('says nothing of a single failure', async () => {
    const problems: string[] = [];
    model.changed.connect(() => {
      problems.push(model.problem);
    });
    const pace = { ...PACE, firstDelayMs: 60, maxDelayMs: 60, pollDelayMs: 60 };
    channel = new Channel(new Api(server.settings), model, pace);
    void channel.run();
    await until(() => messages().length > 0);
    server.channelIsUp = true;
    await until(() => model.connected);
    expect(problems.join('')).toBe('');
  });

  it('has no problem any more once a socket opens', async () => {
    void channel.run();
    await until(() => model.problem === 'polling');
    server.channelIsUp = true;
    await until(() => model.connected);
    expect(model.problem).toBe('');
  });
});

it('connects again at the same pace, however often its sockets are cut', async () => {
  const pace = { ...PACE, firstDelayMs: 2, maxDelayMs: 60_000, pollDelayMs: 60_000 };
  channel = new Channel(new Api(server.settings), model, pace);
  void channel.run();
  for (let cut = 0; cut < 12; cut++) {
    await until(() => model.connected);
    server.socket.close();
  }
  await until(() => model.connected);
});
