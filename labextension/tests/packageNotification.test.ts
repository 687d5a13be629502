import { Notification } from '@jupyterlab/apputils/lib/notification';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Language } from '../src/i18n/language';
import { UpdateModel } from '../src/server/model';
import type { IAddedPackage } from '../src/server/protocol';
import { PackageNotification } from '../src/ui/packageNotification';
import { packages, state } from './helpers/states';

const show = vi.fn();
let model: UpdateModel;
let notification: PackageNotification;

beforeEach(() => {
  Notification.dismiss();
  model = new UpdateModel('lab', () => 0);
  notification = new PackageNotification(model, new Language(null), Notification, show);
});

function tell(phase: string, states: string[], isSeen = false): void {
  const added = states.map((one, number): Partial<IAddedPackage> => ({
    name: `package-${number}`,
    state: one
  }));
  model.update(state({ packages: packages(phase, added) }));
  notification.refresh(isSeen);
}

const shown = () => Notification.manager.notifications.map(({ type, message }) => [type, message]);

describe('packages that are reinstalled while no dialog shows it', () => {
  it('are told in one notification that grows, and leads to the list', () => {
    tell('running', ['running', 'queued']);
    tell('running', ['reinstalled', 'running']);
    expect(shown()).toEqual([['in-progress', 'Reinstalling packages: 1 of 2']]);
    Notification.manager.notifications[0]?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(show).toHaveBeenCalledOnce();
  });

  it('are told to be back, for a while', () => {
    tell('running', ['reinstalled', 'running']);
    tell('done', ['reinstalled', 'already-installed']);
    expect(shown()).toEqual([['success', 'All 2 packages were reinstalled.']]);
    expect(Notification.manager.notifications[0]?.options.autoClose).toBeGreaterThan(0);
  });

  it('are told not to be, until somebody has read it', () => {
    tell('running', ['reinstalled', 'running']);
    tell('done', ['reinstalled', 'failed']);
    expect(shown()).toEqual([['warning', '1 of 2 packages were reinstalled.']]);
    expect(Notification.manager.notifications[0]?.options.autoClose).toBe(false);
  });

  it('are told again after the dialog is closed, and not beneath it', () => {
    tell('running', ['running'], true);
    expect(shown()).toEqual([]);
    notification.refresh(false);
    expect(shown()).toHaveLength(1);
    notification.refresh(true);
    expect(shown()).toEqual([]);
  });

  it('whose notification a person has closed are told at their end only', () => {
    tell('running', ['running', 'queued']);
    Notification.dismiss();
    tell('running', ['reinstalled', 'running']);
    expect(shown()).toEqual([]);
    tell('done', ['reinstalled', 'reinstalled']);
    expect(shown()).toHaveLength(1);
  });
});

it.each(['none', 'available', 'done'])('nothing is told of what is merely %s', phase => {
  tell(phase, ['available']);
  expect(shown()).toEqual([]);
});
