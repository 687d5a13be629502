import { describe, expect, it } from 'vitest';

import type { IHold } from '../src/server/protocol';
import { displayStage } from '../src/ui/displayStage';
import { NOW, advised, restart, state } from './helpers/states';

const now = Date.parse(NOW);
const later = '2026-11-24T14:02:11Z';
const hold: IHold = { by: 'ana', verified: true, reason: 'training', until: later, since: NOW };
const quiet = { stage: 'quiet' } as const;

describe('how loudly it is said', () => {
  it('is nothing before the server has spoken', () => {
    expect(displayStage(null, now, true)).toBe('none');
  });

  it.each(['none', 'quiet', 'banner', 'countdown'] as const)('is %s when that is it', stage => {
    expect(displayStage(advised({ stage }), now, true)).toBe(stage);
  });

  it('is the banner while a restart waits, so that it can be called off', () => {
    const waits = { restart: restart('waiting', { when: 'idle' }) };
    expect(displayStage(advised({ stage: 'none' }, waits), now, true)).toBe('banner');
  });

  it('is nothing instead of a quiet item on a page without a status bar', () => {
    expect(displayStage(advised({ ...quiet, level: 'unknown' }), now, false)).toBe('none');
  });

  it('is quiet while it is held, but the banner where there is no other way to end that', () => {
    const held = advised({ ...quiet, level: 'overdue' }, { hold });
    expect(displayStage(held, now, true)).toBe('quiet');
    expect(displayStage(held, now, false)).toBe('banner');
  });

  it.each([
    ['advised', 'banner'],
    ['due', 'countdown'],
    ['overdue', 'countdown'],
    ['current', 'none']
  ] as const)('is, when a hold ends, what %s asks for: %s', (level, stage) => {
    const held = advised({ ...quiet, level }, { hold });
    expect(displayStage(held, Date.parse(later), true)).toBe(stage);
  });

  it('is the banner again when a reminder comes, whoever has not said so yet', () => {
    const deferred = advised({ ...quiet, deferral: { until: later, count: 1 } });
    expect(displayStage(deferred, now, true)).toBe('quiet');
    expect(displayStage(deferred, now, false)).toBe('none');
    expect(displayStage(deferred, Date.parse(later), false)).toBe('banner');
  });

  it('is nothing for a calm instance', () => {
    expect(displayStage(state({ advice: advised({ stage: 'none' }).advice }), now, true)).toBe(
      'none'
    );
  });
});
