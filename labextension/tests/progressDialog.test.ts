import { getByRole, queryByRole } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';

import { page, press, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { restart, state } from './helpers/states';

const tab = testTab();

describe('while a restart runs', () => {
  const progress = () => getByRole(page, 'alertdialog', { name: 'Restarting' });

  it.each(['preflight', 'saving', 'arming', 'stopping', 'away'] as const)('%s is told', phase => {
    tab.tell({ restart: restart(phase) });
    expect(getByRole(progress(), 'status').textContent).not.toBe('');
  });

  it('tells how long it has been', () => {
    tab.tell({ restart: restart('stopping') });
    tab.clock += 75_000;
    tab.dialogs.refresh();
    expect(getByRole(progress(), 'timer').textContent).toBe('Elapsed: 1 min 15 sec');
  });

  it('says what to do when it takes long, with the way to the console', () => {
    tab.tell({ restart: restart('stopping') });
    expect(queryByRole(progress(), 'link')).toBeNull();
    tab.clock += 1_000_000;
    tab.dialogs.refresh();
    expect(progress().textContent).toContain('longer than usual');
    expect(getByRole(progress(), 'link')).toBeTruthy();
  });

  it('says how long it usually takes here, also when the server is gone', () => {
    tab.tell({ restart: restart('away', { usual_seconds: 243 }) });
    tab.model.setConnected(false);
    tab.clock += 60_000;
    tab.dialogs.refresh();
    expect(progress().textContent).toContain('usually takes about 4 minutes here.');
    expect(queryByRole(progress(), 'link')).toBeNull();
    tab.clock += 400_000;
    tab.dialogs.refresh();
    expect(progress().textContent).toContain('open Jupyter from the console');
    expect(getByRole(progress(), 'link')).toBeTruthy();
  });

  it('says at once that the person is signed out, with the way back', () => {
    tab.tell({ restart: restart('away', { usual_seconds: 243 }) });
    tab.model.setProblem('signed-out');
    expect(progress().textContent).toContain('You are signed out.');
    expect(getByRole<HTMLAnchorElement>(progress(), 'link').href).toMatch(/^https:.*console/);
    tab.model.setProblem('');
    expect(progress().textContent).not.toContain('signed out');
  });

  it.each(['preflight', 'saving', 'arming'] as const)('can be called off in %s', async phase => {
    tab.tell({ restart: restart(phase) });
    tab.server.state = state({ revision: 9 });
    getByRole(progress(), 'button', { name: 'Cancel' }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toMatchObject({
      method: 'DELETE',
      path: 'nb-updater/restart'
    });
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('cannot be called off once the stop is asked for', () => {
    tab.tell({ restart: restart('arming') });
    tab.tell({ restart: restart('stopping') });
    expect(queryByRole(progress(), 'button')).toBeNull();
  });

  it('does not go with Escape, nor when the browser closes it', () => {
    tab.tell({ restart: restart('stopping') });
    press('Escape');
    const dialog = progress() as HTMLDialogElement;
    dialog.close();
    expect(dialog.open).toBe(true);
  });

  it("keeps JupyterLab's shortcuts from the page behind", () => {
    const shortcut = vi.fn();
    document.addEventListener('keydown', shortcut, true);
    tab.tell({ restart: restart('stopping') });
    expect(press('s', { ctrlKey: true }).defaultPrevented).toBe(true);
    document.removeEventListener('keydown', shortcut, true);
    expect(shortcut).not.toHaveBeenCalled();
  });

  it('is not called a restart when nobody starts the instance again', () => {
    tab.tell({ restart: restart('stopping', { stops_only: true }) });
    const dialog = getByRole(page, 'alertdialog', { name: 'Stopping' });
    expect(dialog.textContent).toContain('start-notebook-instance');
  });

  it('offers to reload when this tab changed after it was saved', () => {
    tab.tell({ restart: restart('stopping') });
    tab.model.update(state({ server_id: 'server-2' }));
    tab.dialogs.askForReload();
    getByRole(progress(), 'button', { name: 'Reload' }).click();
    expect(tab.reload).toHaveBeenCalledOnce();
  });
});
