import type { IStatusBar } from '@jupyterlab/statusbar';
import { Widget } from '@lumino/widgets';
import { getByRole, queryByRole } from '@testing-library/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Language } from '../src/i18n/language';
import { UpdateModel } from '../src/server/model';
import type { IAdvice, IState, IStep } from '../src/server/protocol';
import { StatusItem } from '../src/ui/statusItem';
import { NOW, advised, advisory, asking } from './helpers/states';

const why = vi.fn();
let registered: IStatusBar.IItem;
let model: UpdateModel;
let item: StatusItem;

beforeEach(() => {
  model = new UpdateModel('lab', () => 0);
  const bar = {
    registerStatusItem: (_: string, options: IStatusBar.IItem) => {
      registered = options;
      return { isDisposed: false, dispose: () => undefined };
    }
  };
  item = new StatusItem(model, new Language(null), bar, why);
  Widget.attach(item, document.body);
});

afterEach(() => {
  item.dispose();
});

function says(advice: Partial<IAdvice>, over: Partial<IState> = {}): string | null {
  model.update(advised({ stage: 'quiet', ...advice }, over));
  item.refresh(true);
  return getByRole(item.node, 'button').textContent;
}

describe('the quiet item', () => {
  it('is not there before it has something to say, and goes when it has nothing any more', () => {
    expect([item.isHidden, registered.isActive?.()]).toEqual([true, false]);
    says({});
    expect([item.isHidden, registered.isActive?.()]).toEqual([false, true]);
    item.refresh(false);
    expect([item.isHidden, registered.isActive?.()]).toEqual([true, false]);
  });

  it('is a button that opens "Why?", named by what it says, with a picture beside it', () => {
    says({ level: 'unknown', reasons: [] });
    const button = getByRole(item.node, 'button', { name: 'Update status unknown' });
    button.click();
    expect(why).toHaveBeenCalledOnce();
    expect(button.title).toBe('Notebook instance update: Update status unknown. Show why.');
    expect(queryByRole(item.node, 'status')).toBeNull(); // what is quiet is not announced
  });

  const step = (code: string, at: string): IStep => ({ code, at });
  const none: Partial<IAdvice> = { level: 'current', reasons: [], plan: [] };

  it.each<[string, Partial<IAdvice>]>([
    ['Restart recommended', {}],
    [
      'Restart recommended from Dec 20',
      { ...none, plan: [step('advised', '2026-12-20T10:00:00Z')] }
    ],
    [
      'No restart possible',
      { signals: asking({ name: 'platform', code: 'platform-ended', prevents: true }).signals }
    ],
    ['Not fixed by the last restart', { ...none, ineffective: ['maintenance:PendingMaintenance'] }],
    ['Update status unknown', { ...none, level: 'unknown' }],
    [
      '1 security advisory, 1 critical',
      {
        ...none,
        signals: asking({ name: 'os_release', advisories: [advisory({ severity: 'critical' })] })
          .signals
      }
    ]
  ])('says "%s"', (text, advice) => {
    expect(says(advice)).toBe(text);
  });

  it('says until when it is on hold, and when the reminder comes: the hour, if that is today', () => {
    const hold = {
      by: 'ana',
      verified: true,
      reason: '',
      until: '2026-12-12T18:00:00Z',
      since: NOW
    };
    const time = (iso: string) => new Language(null).time(iso);
    expect(says({}, { hold })).toBe('On hold until Dec 12');
    const soon = '2026-11-23T14:32:11Z';
    expect(says({}, { hold: { ...hold, until: soon } })).toBe(`On hold until ${time(soon)}`);
    expect(says({ deferral: { until: soon, count: 1 } })).toBe(`Reminder at ${time(soon)}`);
    expect(says({ deferral: { until: '2026-11-25T14:02:11Z', count: 1 } })).toBe(
      'Reminder on Nov 25'
    );
  });
});
