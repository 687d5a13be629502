import { describe, expect, it } from 'vitest';

import { reasonItems, steps, verdict } from '../src/i18n/advice';
import { Language } from '../src/i18n/language';
import { policyRows } from '../src/i18n/policy';
import { signalEvidence, signalSentence, signalState } from '../src/i18n/signals';
import type { IAdvice, IState } from '../src/server/protocol';
import { NOW, advised, advisory, asking, policy, restart, state } from './helpers/states';

const language = new Language(null);

function report(over: Parameters<typeof asking>[0]) {
  const [signal] = asking(over).signals;
  if (!signal) {
    throw new Error('no signal');
  }
  return signal;
}

describe('plural forms', () => {
  it.each([
    [1, 'This instance has run for 1 day.'],
    [2, 'This instance has run for 2 days.']
  ])('of an age of %d', (days, sentence) => {
    const evidence = { days, advised_days: 1, interval_days: 1 };
    const age = (code: string) => signalSentence(language, report({ name: 'age', code, evidence }));
    for (const code of ['age-fresh', 'age-over-advised', 'age-over-interval']) {
      expect(age(code)).toContain(sentence);
    }
    expect(age('age-fresh')).toContain('The policy recommends a restart after 1 day.');
    expect(age('age-over-interval')).toContain('The limit is 1 day.');
  });

  it('of a policy', () => {
    const rows = new Map(
      policyRows(
        language,
        policy(
          {
            advised_days: 1,
            interval_days: 1,
            notice_days: 1,
            hold_days: 1,
            service_levels: { critical: 1, low: 2 }
          },
          { kind: 'organization' }
        )
      )
    );
    expect(rows.get('Restart recommended')).toBe('after 1 day');
    expect(rows.get('Restart due')).toBe('1 day before the deadline');
    expect(rows.get('Deadline')).toBe('after 1 day');
    expect(rows.get('Holds')).toBe('anyone, for up to 1 day');
    expect(rows.get('Advisories')).toBe(
      'critical: 1 day after publication, low: 2 days after publication'
    );
  });
});

describe('while the instance starts', () => {
  const pending = report({
    name: 'maintenance',
    state: 'current',
    code: 'maintenance-none',
    evidence: { status: 'Pending' }
  });

  it('nothing is said of maintenance that its status contradicts', () => {
    expect(signalSentence(language, pending)).not.toMatch(/no .*maintenance/);
    expect(signalState(language, pending, state().advice)).toEqual(['info', 'Nothing reported']);
    expect(signalEvidence(language, pending)).toEqual([['Instance status', 'Pending']]);
  });

  it('no maintenance is pending once it runs', () => {
    const running = { ...pending, evidence: { status: 'InService' } };
    expect(signalSentence(language, running)).toBe('AWS reports no pending maintenance.');
    expect(signalState(language, running, state().advice)).toEqual(['ok', 'Up to date']);
  });
});

it('no source is called up to date of which a restart changes nothing', () => {
  const platform = (over: object, evidence: object = {}) =>
    signalState(language, report({ name: 'platform', evidence: { ...evidence }, ...over }), {
      ...state().advice,
      reasons: []
    });
  const unchanged = ['info', 'A restart won’t change this'];
  expect(platform({ state: 'current', code: 'platform-newer' })).toEqual(unchanged);
  expect(platform({ code: 'platform-ends' })).toEqual(unchanged);
  expect(platform({ code: 'platform-ends' }, { moves_to: 'Q' })).toEqual([
    'info',
    'For information'
  ]);
});

describe('the verdict', () => {
  it.each<[string, Partial<IAdvice>]>([
    ['Restart recommended. Deadline: January 18, 2027.', {}],
    ['Restart recommended. No deadline is set.', { deadline: null }],
    ['Restart due. Deadline: January 18, 2027.', { level: 'due' }],
    ['Restart overdue since January 18, 2027.', { level: 'overdue' }],
    ['Unknown whether a restart is needed.', { level: 'unknown' }],
    ['No restart is recommended now.', { level: 'current' }],
    ['Up to date. No restart is needed.', { level: 'current', signals: [] }]
  ])('is: %s', (sentence, advice) => {
    expect(verdict(language, advised(advice))).toBe(sentence);
  });
});

describe('the reasons', () => {
  it('are one for each source, with the earliest deadline of its advisories', () => {
    const advisories = [advisory(), advisory({ id: 'ALAS2023-2026-9999' })];
    const { signals } = asking({ name: 'os_release', advisories });
    const { advice } = advised({
      signals: [...state().advice.signals, ...signals],
      reasons: [
        ...state().advice.reasons,
        { id: 'os_release:ALAS2023-2026-1201', deadline: '2026-12-20T09:00:00Z' },
        { id: 'os_release:ALAS2023-2026-9999', deadline: '2026-12-10T09:00:00Z' }
      ]
    });
    expect(reasonItems(language, advice)).toEqual([
      [
        'No updates for 34 days. AWS recommends a restart at least every 30 days.',
        'Deadline: January 18, 2027'
      ],
      [
        'Newer operating system packages are available: 2 security advisories, 2 important.',
        'Deadline: December 10, 2026'
      ]
    ]);
  });
});

describe('if nobody does anything', () => {
  const comes = (advice: Partial<IAdvice>, over: Partial<IState> = {}, now = NOW) =>
    steps(language, advised({ plan: [], ...advice }, over), Date.parse(now)).map(
      ([, sentence]) => sentence
    );

  it('AWS may restart an instance that has run for too long at any time', () => {
    expect(comes({}, {}, '2027-01-18T09:00:00Z')).toEqual([
      'AWS may restart this instance at any time, without saving your work.',
      'Nothing else happens automatically.'
    ]);
  });

  it('a restart that is required or requested comes', () => {
    expect(comes({ level: 'overdue', required: true })).toEqual([
      'This instance restarts automatically once it is idle and everything is saved. Idle kernels are lost.'
    ]);
    expect(comes({}, { restart: restart('waiting', { when: 'idle' }) })).toEqual([
      'The requested restart begins once nothing blocks it.'
    ]);
  });
});
