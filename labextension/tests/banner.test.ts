import { getByRole, queryByRole } from '@testing-library/dom';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Banner, isBannerDue } from '../src/banner';
import { Language } from '../src/i18n';
import { UpdateModel } from '../src/model';
import type { IState } from '../src/protocol';
import { NOW, restart, state } from './states';

const actions = {
  restart: vi.fn(),
  defer: vi.fn(),
  cancel: vi.fn(),
  release: vi.fn(),
  why: vi.fn()
};
let model: UpdateModel;
let banner: Banner;

beforeEach(() => {
  model = new UpdateModel('lab');
  banner = new Banner(model, new Language(null), actions);
  Widget.attach(banner, document.body);
});

afterEach(() => {
  banner.dispose();
});

function show(over: Partial<IState> = {}): HTMLElement {
  model.update(state(over));
  banner.refresh();
  return getByRole(document.body, 'region', { name: 'Notebook instance update' });
}

function withAdvice(advice: Partial<IState['advice']>): IState {
  return state({ advice: { ...state().advice, ...advice } });
}

describe('the banner', () => {
  it('has its status before it has anything to say', () => {
    expect(getByRole(banner.node, 'status').textContent).toBe('');
  });

  it('says how it is and what AWS advises, the whole of it also as a tooltip', () => {
    const status = getByRole(show(), 'status');
    expect(status.textContent).toBe(
      'Restart advised. No updates for 34 days. ' + 'AWS advises a restart every 30 days.'
    );
    expect(status.title).toBe(status.textContent);
  });

  it('names the day when the deadline is near', () => {
    expect(show(withAdvice({ level: 'due' })).textContent).toContain(
      'Restart it before January 18, 2027.'
    );
  });

  it('tells the level in words, not by colour alone', () => {
    expect(show(withAdvice({ level: 'overdue' })).textContent).toContain('Restart overdue.');
  });

  it('offers to restart, to wait and to explain', () => {
    const region = show();
    for (const name of ['Save all and restart', 'Remind me later', 'Why?']) {
      getByRole(region, 'button', { name }).click();
    }
    expect(actions.restart).toHaveBeenCalledOnce();
    expect(actions.defer).toHaveBeenCalledOnce();
    expect(actions.why).toHaveBeenCalledOnce();
  });

  it('promises a restart by a schedule as by the stack', () => {
    const region = show({ return_path: { kind: 'schedule', proof: 'verified' } });
    expect(getByRole(region, 'button', { name: 'Save all and restart' })).toBeTruthy();
  });

  it.each([
    { kind: 'manual', proof: 'verified' } as const,
    { kind: 'stack', proof: 'missing' } as const,
    { kind: 'schedule', proof: 'missing' } as const
  ])('promises no restart when nobody starts the instance again ($kind, $proof)', path => {
    const region = show({ return_path: path });
    expect(getByRole(region, 'button', { name: 'Save all and stop' })).toBeTruthy();
    expect(queryByRole(region, 'button', { name: 'Save all and restart' })).toBeNull();
  });

  it('cannot be put off when it is overdue', () => {
    const region = show(withAdvice({ level: 'overdue' }));
    expect(queryByRole(region, 'button', { name: 'Remind me later' })).toBeNull();
  });

  it('does not announce again what has not changed', () => {
    const text = getByRole(show(), 'status').firstChild;
    show({ revision: 2 });
    expect(getByRole(banner.node, 'status').firstChild).toBe(text);
  });
});

describe('a restart that waits', () => {
  const busy = {
    id: 'kernel:1',
    kind: 'kernel',
    name: 'train.ipynb',
    since: '2026-11-23T13:02:11Z'
  };
  const job = { ...busy, id: 'process:1', kind: 'process', name: 'nohup python fit.py' };

  it('names what it waits for and for how long that has been going on', () => {
    const waits = restart('waiting', {
      when: 'idle',
      waiting_for: [busy, job, { ...job, id: '2' }]
    });
    expect(getByRole(show({ restart: waits }), 'status').textContent).toBe(
      'Restart when idle. Waits for train.ipynb (1 h 0 min), nohup python fit.py (1 h 0 min) and 1 more.'
    );
  });

  it('says at which time it begins', () => {
    const when = '2026-11-23T18:00:00Z';
    const waits = restart('waiting', {
      when,
      waiting_for: [{ id: 'time', kind: 'time', name: when, since: null }]
    });
    expect(getByRole(show({ restart: waits }), 'status').textContent).toMatch(
      /^Restart at Nov 23, 2026.*\. Everything is saved first\. You can work on\.$/
    );
  });

  it('can be called off, or asked for at once', () => {
    const region = show({ restart: restart('waiting', { when: 'idle' }) });
    getByRole(region, 'button', { name: 'Cancel' }).click();
    getByRole(region, 'button', { name: 'Save all and restart' }).click();
    expect(actions.cancel).toHaveBeenCalledOnce();
    expect(actions.restart).toHaveBeenCalled();
    expect(queryByRole(region, 'button', { name: 'Remind me later' })).toBeNull();
  });
});

describe('a hold', () => {
  const hold = {
    by: 'ana',
    reason: 'training',
    until: '2026-11-23T18:00:00Z',
    since: '2026-11-23T14:00:00Z'
  };

  it('says who, why and until when, and can be ended', () => {
    const region = show({ hold });
    expect(getByRole(region, 'status').textContent).toMatch(/^Held until .*\. By ana: training$/);
    getByRole(region, 'button', { name: 'End the hold' }).click();
    expect(actions.release).toHaveBeenCalledOnce();
  });

  it('ends by itself', () => {
    const current = { ...withAdvice({ level: 'current' }), hold };
    expect(isBannerDue(current, Date.parse(NOW))).toBe(true);
    expect(isBannerDue(current, Date.parse(hold.until))).toBe(false);
  });
});

describe('whether there is something to say', () => {
  const now = Date.parse(NOW);

  it.each([
    ['current', false],
    ['unknown', false],
    ['advised', true],
    ['due', true],
    ['overdue', true]
  ] as const)('%s: %s', (level, due) => {
    expect(isBannerDue(withAdvice({ level }), now)).toBe(due);
  });

  it('not before the server has spoken', () => {
    expect(isBannerDue(null, now)).toBe(false);
  });

  it('not while it is put off, and again when that ends', () => {
    const deferral = { until: '2026-11-24T14:02:11Z', count: 1 };
    const deferred = withAdvice({ deferral });
    expect(isBannerDue(deferred, now)).toBe(false);
    expect(isBannerDue(deferred, Date.parse(deferral.until))).toBe(true);
  });

  it('always when it is overdue', () => {
    const deferral = { until: '2026-11-24T14:02:11Z', count: 1 };
    expect(isBannerDue(withAdvice({ level: 'overdue', deferral }), now)).toBe(true);
  });
});
