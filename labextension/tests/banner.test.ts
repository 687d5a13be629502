import { Widget } from '@lumino/widgets';
import { getByRole, queryByRole } from '@testing-library/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Language } from '../src/i18n/language';
import { UpdateModel } from '../src/server/model';
import type { IAdvice, IState, IStep } from '../src/server/protocol';
import { Banner } from '../src/ui/banner';
import { NOW, advised, advisory, asking, policy, restart, state } from './helpers/states';

const actions = {
  restart: vi.fn(),
  defer: vi.fn(),
  cancel: vi.fn(),
  release: vi.fn(),
  why: vi.fn()
};
let model: UpdateModel;
let banner: Banner;
/** Whether click guards end immediately; otherwise `rearm` ends them. */
let armed: boolean;
let rearm: () => void;

beforeEach(() => {
  armed = true;
  vi.resetAllMocks();
  model = new UpdateModel('lab', () => 0);
  banner = new Banner(model, new Language(null), actions, work => {
    rearm = work;
    if (armed) {
      work();
    }
  });
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

describe('the banner', () => {
  it('has its status before it has anything to say', () => {
    expect(getByRole(banner.node, 'status').textContent).toBe('');
  });

  it('says how it is and what AWS recommends, the whole of it also as a tooltip', () => {
    const status = getByRole(show(), 'status');
    expect(status.textContent).toBe(
      'Restart recommended. No updates for 34 days. ' +
        'AWS recommends a restart at least every 30 days.'
    );
    expect(status.title).toBe(status.textContent);
  });

  it.each([
    ['polling', false],
    ['refused', true]
  ] as const)('says that the page has no live connection: %s', (problem, isDisabled) => {
    model.setProblem(problem);
    const region = show();
    expect(getByRole(region, 'status').textContent).toMatch(
      /at least every 30 days. This page has no live connection to the server. Run “jupyter/
    );
    const button = getByRole<HTMLButtonElement>(region, 'button', { name: 'Save all and restart' });
    expect(button.disabled).toBe(isDisabled);
    model.setConnected(true);
    banner.refresh();
    expect(getByRole(region, 'status').textContent).not.toContain('live connection');
    expect(button.disabled).toBe(false);
  });

  it('names the day when the deadline is near', () => {
    expect(show(advised({ level: 'due' })).textContent).toContain(
      'Restart before January 18, 2027.'
    );
  });

  it('names the level in words, not by color alone', () => {
    expect(show(advised({ level: 'overdue' })).textContent).toContain('Restart overdue.');
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

  it('cannot be postponed when it is overdue', () => {
    const region = show(advised({ level: 'overdue' }));
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
      'Restart when idle. Waiting for train.ipynb (1 hr), nohup python fit.py (1 hr), and 1 more.'
    );
  });

  it('says at which time it begins', () => {
    const when = '2026-11-23T18:00:00Z';
    const waits = restart('waiting', {
      when,
      waiting_for: [{ id: 'time', kind: 'time', name: when, since: null }]
    });
    expect(getByRole(show({ restart: waits }), 'status').textContent).toMatch(
      /^Restart at Nov 23, 2026.*\. Everything is saved first\. You can continue working\.$/
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
    verified: true,
    reason: 'training',
    until: '2026-11-23T18:00:00Z',
    since: '2026-11-23T14:00:00Z'
  };

  it('says who, why and until when, and can be ended', () => {
    const region = show({ hold });
    expect(getByRole(region, 'status').textContent).toMatch(
      /^On hold until .*\. Placed by ana\. Reason: training$/
    );
    getByRole(region, 'button', { name: 'End the hold' }).click();
    expect(actions.release).toHaveBeenCalledOnce();
  });

  it('marks a name that nothing verifies', () => {
    const status = () => getByRole(banner.node, 'status').textContent;
    show({ hold: { ...hold, verified: false } });
    expect(status()).toContain('Placed by ana (not verified). Reason: training');
    show({ hold: { ...hold, by: '', verified: false } });
    expect(status()).toContain('Placed by someone. Reason: training');
  });

  it('warns that AWS waits for no hold, from when on', () => {
    const text = (plan: IStep[]) =>
      getByRole(show({ ...advised({ warnings: ['aws-interval'], plan }), hold }), 'status')
        .textContent;
    expect(text([{ code: 'aws-interval', at: '2027-01-18T09:00:00Z' }])).toContain(
      'AWS may restart this instance from January 18, 2027, despite the hold.'
    );
    expect(text([])).toContain('AWS may restart this instance at any time, despite the hold.');
  });
});

describe('what it names', () => {
  const sentence = (advice: Partial<IAdvice>, over: Partial<IState> = {}) =>
    getByRole(show(advised(advice, over)), 'status').textContent;

  it('what is newer on another instance, and since when', () => {
    const changes = [
      { name: 'kernel', before: '6.1.1', after: '6.1.2' },
      { name: 'jupyterlab', before: '4.5.11', after: '4.6.6' }
    ];
    const fleet = asking({ name: 'fleet', evidence: { since: '2026-11-22T12:00:00Z', changes } });
    expect(sentence(fleet)).toBe(
      'Restart recommended. Since Nov 22, another instance has had JupyterLab 4.6.6. This one has 4.5.11.'
    );
    const other = asking({
      name: 'fleet',
      evidence: { since: '2026-11-22T12:00:00Z', changes: changes.slice(0, 1) }
    });
    expect(sentence(other)).toContain('another instance has had newer software');
  });

  it('how many advisories there are, and never that SageMaker has a newer image', () => {
    const os = asking({
      name: 'os_release',
      code: 'os-advisories',
      advisories: [advisory({ severity: 'critical' }), advisory(), advisory({ severity: 'low' })]
    });
    expect(sentence(os)).toBe(
      'Restart recommended. Newer operating system packages are available: 3 security advisories, 1 critical.'
    );
    expect(
      sentence({
        ...os,
        signals: os.signals.map(one => ({ ...one, evidence: { advisories_total: 31 } }))
      })
    ).toContain('31 security advisories, 1 critical');
    const organization = asking({ name: 'organization', advisories: [advisory()] });
    expect(sentence(organization)).toBe(
      'Restart recommended. Your organization has published 1 security advisory, 1 important.'
    );
  });

  it('the one that comes last of those that ask, and none that does not', () => {
    const age = state().advice;
    const fleet = asking({ name: 'fleet', evidence: { since: '2026-11-22T12:00:00Z' } });
    const signals = [...age.signals, ...fleet.signals];
    expect(sentence({ signals, reasons: [...age.reasons, ...fleet.reasons] })).toContain('Since');
    expect(sentence({ signals, reasons: age.reasons })).toContain('No updates for 34 days.');
  });

  it("the organization's own words, as text, and by when, but not what AWS recommends", () => {
    const message = '<script>alert(1)</script> Please restart <b>soon</b>.';
    const own = { policy: policy({}, { kind: 'organization', message }) };
    expect(sentence({}, own)).toBe(`Restart recommended. ${message}`);
    expect(banner.node.querySelector('script, b')).toBeNull();
    expect(sentence({ level: 'due' }, own)).toBe(
      `Restart due. Restart before January 18, 2027. ${message}`
    );
  });

  it('that the deadline moved, and from when', () => {
    expect(sentence({ level: 'due', moved_from: '2027-01-25T09:00:00Z' })).toContain(
      'Restart before January 18, 2027 (previously January 25, 2027).'
    );
  });

  it('past the deadline, that and when it restarts automatically where that is required', () => {
    const plan = [{ code: 'required', at: NOW }];
    const window = { days: ['sat', 'sun'], from: '22:00', to: '04:00', timezone: 'Europe/Berlin' };
    const over = { level: 'overdue', plan } as const;
    expect(sentence(over)).toContain(
      'This instance restarts automatically once it is idle and everything is saved. Idle kernels are lost.'
    );
    expect(sentence(over, { policy: policy({ mode: 'require', window }) })).toContain(
      'This instance restarts automatically in its next restart window (Sat, Sun 22:00–04:00 Europe/Berlin), once it is idle and everything is saved. Idle kernels are lost.'
    );
    expect(sentence({ level: 'due', plan })).toContain(
      'After that, this instance restarts automatically.'
    );
    expect(sentence({ level: 'overdue' })).toContain('The deadline was January 18, 2027.');
  });

  it('also before the policy is there', () => {
    expect(sentence({}, { policy: null })).toContain('No updates for 34 days.');
  });
});

describe('the countdown', () => {
  const left = (deadline: string | null, advice: Partial<IAdvice> = {}) => {
    show(advised({ level: 'due', stage: 'countdown', deadline, ...advice }));
    return getByRole(banner.node, 'timer').textContent;
  };

  it.each([
    ['2026-11-26T14:02:10Z', '2 days left'],
    ['2026-11-24T15:12:11Z', '1 day 1 hr left'],
    ['2026-11-23T17:22:11Z', '3 hr 20 min left'],
    ['2026-11-23T14:14:01Z', '12 min left'],
    ['2026-11-23T14:02:12Z', '1 min left'],
    [NOW, ''],
    ['yesterday', ''],
    [null, '']
  ])('until %s: %s', (deadline, text) => {
    expect(left(deadline)).toBe(text);
  });

  it('is there at its own stage only', () => {
    expect(left('2026-11-23T17:22:11Z', { stage: 'banner' })).toBe('');
  });

  it('is no part of what is announced', () => {
    left('2026-11-23T17:22:11Z');
    expect(getByRole(banner.node, 'status').textContent).not.toContain('left');
  });

  it('goes by a simulated clock where there is one', () => {
    const clock = { now: '2026-11-26T16:00:00Z', rate: 60 };
    expect(left('2026-11-26T17:00:00Z', { clock })).toBe('1 hr left');
  });
});

describe('a reminder', () => {
  it.each([
    ['2026-11-26T14:02:11Z', 'Hide for a day'],
    ['2026-11-26T14:02:10Z', 'Hide for 4 hours'],
    ['2026-11-24T14:02:10Z', 'Hide for an hour'],
    ['2026-11-23T14:32:11Z', 'Hide until the deadline'],
    [null, 'Hide for a day']
  ])('until %s: %s', (deadline, text) => {
    const region = show(advised({ level: 'due', deadline }));
    expect(getByRole(region, 'button', { name: 'Remind me later' }).title).toBe(text);
  });
});

describe('what has just appeared', () => {
  it('does nothing when it is clicked, until a moment has passed', () => {
    armed = false;
    const region = show(advised({ level: 'due' }));
    const restart = getByRole(region, 'button', { name: 'Save all and restart' });
    restart.click();
    expect(restart.getAttribute('aria-disabled')).toBe('true');
    expect(actions.restart).not.toHaveBeenCalled();
    rearm();
    restart.click();
    expect(restart.getAttribute('aria-disabled')).toBe('false');
    expect(actions.restart).toHaveBeenCalledOnce();
  });

  it('does so again when its level changes, and only then', () => {
    show();
    armed = false;
    const restart = getByRole(banner.node, 'button', { name: 'Save all and restart' });
    show(advised({ level: 'advised', deadline: '2027-01-17T09:00:00Z' }));
    expect(restart.getAttribute('aria-disabled')).toBe('false');
    show(advised({ level: 'due' }));
    expect(restart.getAttribute('aria-disabled')).toBe('true');
  });

  it('keeps the focus where it is', () => {
    const why = getByRole(show(), 'button', { name: 'Why?' });
    why.focus();
    armed = false;
    show(advised({ level: 'due' }));
    expect(document.activeElement).toBe(why);
  });
});

describe('what is announced', () => {
  const live = () => getByRole(banner.node, 'status').getAttribute('aria-live');
  const after = (days: number, over: Partial<IAdvice> = {}) => {
    const [signal] = state().advice.signals;
    const signals = signal ? [{ ...signal, evidence: { ...signal.evidence, days } }] : [];
    show(advised({ signals, ...over }));
    return live();
  };

  it('is another level or another deadline, not that a day has passed', () => {
    expect(after(34)).toBe('polite');
    expect(after(35)).toBe('off');
    expect(after(36, { deadline: '2027-01-10T09:00:00Z' })).toBe('polite');
    expect(after(37, { level: 'due' })).toBe('polite');
  });

  it('is also what was put away and comes back', () => {
    expect(after(34)).toBe('polite');
    banner.parent = null;
    Widget.detach(banner);
    expect(getByRole(banner.node, 'status').textContent).not.toBe('');
    Widget.attach(banner, document.body);
    expect(after(34)).toBe('polite');
  });
});
