import { getByRole, queryByRole } from '@testing-library/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { dialogFor } from '../src/restart/dialogManager';
import type { Phase } from '../src/server/protocol';
import { LazyUi } from '../src/ui/lazyUi';
import { page, press, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { NOW, restart, state } from './helpers/states';

const tab = testTab();

describe('when the user interface does not load at first', () => {
  let come: () => void;
  const load = vi.fn(() => import('../src/ui'));

  beforeEach(() => {
    vi.useFakeTimers();
    let isThere = false;
    come = () => {
      isThere = true;
    };
    load.mockReset().mockImplementation(() => {
      return isThere ? import('../src/ui') : Promise.reject(new Error('no such file'));
    });
    tab.dialogs.dispose();
    tab.dialogs = tab.createDialogs(new LazyUi(load));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks for them until they are here, and then no more', async () => {
    void tab.dialogs.loadUi();
    await vi.advanceTimersByTimeAsync(12_000);
    come();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(4);
    tab.dialogs.confirmRestart();
    await vi.advanceTimersByTimeAsync(0);
    expect(getByRole(page, 'dialog')).toBeTruthy();
  });

  it('asks for nothing any more once it is gone', async () => {
    void tab.dialogs.loadUi();
    tab.dialogs.dispose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tells what a restart brought as soon as it can', async () => {
    const times = { requested: NOW, expected: NOW, returned: NOW, seconds: 0 };
    tab.tell({ outcome: { id: 'r-1', outcome: 'unchanged', ...times, changes: [] } });
    await vi.advanceTimersByTimeAsync(6000);
    expect(queryByRole(page, 'dialog')).toBeNull();
    come();
    await vi.advanceTimersByTimeAsync(5000);
    expect(getByRole(page, 'dialog', { name: 'Restarted' })).toBeTruthy();
  });

  it('takes no input while a restart runs, and can still be called off', async () => {
    tab.tell({ restart: restart('saving') });
    const dialog = getByRole<HTMLDialogElement>(page, 'alertdialog', { name: 'Restarting' });
    expect(dialog.open).toBe(true);
    expect(press('s', { ctrlKey: true }).defaultPrevented).toBe(true);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(getByRole(page, 'alertdialog')).toBe(dialog); // not shown anew with every attempt
    tab.server.state = state({ revision: 9 });
    getByRole(dialog, 'button', { name: 'Cancel' }).click();
    vi.useRealTimers();
    await settled();
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('tells where the restart is as soon as it can', async () => {
    tab.tell({ restart: restart('saving') });
    come();
    await vi.advanceTimersByTimeAsync(5000);
    expect(getByRole(page, 'status').textContent).toContain('Saving every document');
  });

  it('leaves a way out of a page that changed after it was saved', async () => {
    tab.tell({ restart: restart('stopping') });
    tab.model.update(state({ server_id: 'server-2' }));
    tab.dialogs.askForReload();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(queryByRole(page, 'button', { name: 'Cancel' })).toBeNull();
    getByRole(page, 'button', { name: 'Reload' }).click();
    expect(tab.reload).toHaveBeenCalledOnce();
  });
});

it('a tab that comes late sees what the others see', () => {
  const kind = (phase: Phase, isOwn = false) =>
    dialogFor(state({ restart: restart(phase) }), false, isOwn).kind;
  expect(kind('stopping')).toBe('running');
  expect(kind('failed', true)).toBe('not-restarted');
  expect(kind('failed')).toBe('none');
  expect(kind('waiting')).toBe('none');
  expect(kind('verifying')).toBe('none');
  expect(dialogFor(null, false, false).kind).toBe('none');
});

describe('a page that is not there yet', () => {
  it('shows that a restart runs, and no notice before it is up', async () => {
    tab.dialogs.dispose();
    let becomeReady!: () => void;
    const appReady = new Promise<void>(resolve => (becomeReady = resolve));
    tab.dialogs = tab.createDialogs(tab.createUi(), appReady);
    await tab.dialogs.loadUi();
    await tab.ask(restart('refused', { id: 'r1' }));
    expect(queryByRole(page, 'alertdialog', { name: 'Not restarted' })).toBeNull();
    tab.tell({ restart: restart('saving') });
    expect(getByRole(page, 'alertdialog', { name: 'Restarting' })).toBeTruthy();
    tab.tell({ restart: restart('refused', { id: 'r1' }) });
    expect(tab.dialogs.isOpen).toBe(false);
    becomeReady();
    await settled();
    expect(getByRole(page, 'alertdialog', { name: 'Not restarted' })).toBeTruthy();
  });
});
