import { beforeEach, describe, expect, it } from 'vitest';

import { Api, ApiError } from '../src/server/api';
import { Server } from './helpers/server';

let server: Server;
let api: Api;

beforeEach(() => {
  server = new Server();
  api = new Api(server.settings);
});

it('asks for a restart with every loss that was shown', async () => {
  const request = {
    when: 'now',
    losses: ['kernel:1'],
    confirmed: ['kernel:2'],
    without_return: false
  };
  await api.restart(request, 'tab-7');
  expect(server.requests).toEqual([{ method: 'POST', path: 'nb-updater/restart', body: request }]);
});

it('holds the instance, and ends that', async () => {
  await api.hold('2026-11-23T18:00:00Z', 'training', 'ana');
  await api.release();
  expect(server.requests).toEqual([
    {
      method: 'PUT',
      path: 'nb-updater/hold',
      body: { until: '2026-11-23T18:00:00Z', reason: 'training', by: 'ana' }
    },
    { method: 'DELETE', path: 'nb-updater/hold', body: null }
  ]);
});

it("sends a header that no other origin's page can send, and in it the tab that the server must wait for", async () => {
  let header: string | null = null;
  const { settings } = server;
  const watched = {
    ...settings,
    fetch: (request: RequestInfo | URL) => {
      header = (request as Request).headers.get('X-Nb-Updater');
      return settings.fetch(request as Request);
    }
  };
  await new Api(watched).dismissRestart();
  expect(header).toBe('1');
  await new Api(watched).state('tab-7');
  expect(header).toBe('tab-7');
  await new Api(watched).restart(
    { when: 'now', losses: [], confirmed: [], without_return: false },
    'tab-8'
  );
  expect(header).toBe('tab-8');
});

describe('a server that does not give what was asked for', () => {
  it('has its code told', async () => {
    server.restartError = {
      status: 409,
      body: '{"code": "already-running", "message": "one runs"}'
    };
    const request = { when: 'now', losses: [], confirmed: [], without_return: false };
    await expect(api.restart(request, 'tab-7')).rejects.toMatchObject({
      status: 409,
      code: 'already-running',
      message: 'one runs'
    });
  });

  it('is absent when it does not know us, or does not let us in', () => {
    expect(new ApiError(404, '', '').isAbsent).toBe(true);
    expect(new ApiError(403, '', '').isAbsent).toBe(true);
    expect(new ApiError(502, '', '').isAbsent).toBe(false);
  });

  it.each([
    ['a page of its own', { status: 200, body: '<html></html>' }],
    ['another JSON', { status: 200, body: '{"ok": true}' }],
    ['a bad gateway', { status: 502, body: 'Bad Gateway' }]
  ])('has not answered when it sends %s', async (_, answer) => {
    server.answerInstead = answer;
    await expect(api.state()).rejects.toBeInstanceOf(ApiError);
  });

  it('may have carried out a change when it does not answer, and no question', async () => {
    const api = new Api({ ...server.settings, fetch: hang }, 20);
    const request = { when: 'now', losses: [], confirmed: [], without_return: false };
    await expect(api.restart(request, 'tab-7')).rejects.toMatchObject({ isUndecided: true });
    await expect(api.state()).rejects.toMatchObject({ isUndecided: false });
  });

  it.each([
    ['a proxy that gave up', { status: 504, body: 'Gateway Timeout' }, true],
    ['a page of its own', { status: 200, body: '<html></html>' }, true],
    ['a code of ours', { status: 503, body: '{"code": "not-started", "message": ""}' }, false],
    ['a proxy that lets nobody in', { status: 403, body: '' }, false]
  ])('may have carried out a change, or not, when %s answers', async (_, answer, isUndecided) => {
    server.answerInstead = answer;
    await expect(api.hold('2026-11-23T18:00:00Z', '', '')).rejects.toMatchObject({ isUndecided });
  });

  it('has not answered when it never does', async () => {
    const silent = { ...server.settings, fetch: hang };
    await expect(new Api(silent, 20).state()).rejects.toMatchObject({ code: 'unreachable' });
  });
});

/** Return a request that never gets a response until it is aborted. */
function hang(request: RequestInfo | URL): Promise<Response> {
  return new Promise((_, reject) => {
    (request as Request).signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });
}
