import { getByRole, queryByRole } from '@testing-library/dom';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Banner, isBannerDue } from '../src/banner';
import { Language } from '../src/i18n';
import { UpdateModel } from '../src/model';
import type { IState } from '../src/protocol';
import { NOW, state } from './states';

const actions = { restart: vi.fn(), defer: vi.fn(), why: vi.fn() };
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

  it.each([
    { kind: 'manual', proof: 'verified' } as const,
    { kind: 'stack', proof: 'missing' } as const
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
