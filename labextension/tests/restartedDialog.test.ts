import { getByRole, queryByRole, within } from '@testing-library/dom';
import { describe, expect, it } from 'vitest';

import { page, press, texts, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { restore, packages, state } from './helpers/states';

const tab = testTab();

describe('after a restart', () => {
  const outcome = {
    id: 'restart-1',
    outcome: 'updated',
    requested: null,
    expected: null,
    returned: null,
    seconds: 382,
    changes: [
      { name: 'os_release', before: 'Amazon Linux 2023.9', after: 'Amazon Linux 2023.10' },
      { name: 'jupyterlab', before: '4.5.11', after: '4.6.6' }
    ]
  };
  const notice = () => getByRole(page, 'dialog', { name: 'Restarted' });

  it('says what changed and how long it took', () => {
    tab.tell({ outcome });
    expect(texts(getByRole(notice(), 'list'))).toEqual([
      'Amazon Linux 2023.9 → Amazon Linux 2023.10',
      'JupyterLab 4.5.11 → 4.6.6'
    ]);
    expect(notice().textContent).toContain('6 min 22 sec');
  });

  it('says that nothing did', () => {
    tab.tell({ outcome: { ...outcome, outcome: 'unchanged', changes: [] } });
    expect(notice().textContent).toContain('No update was found.');
  });

  it('says what came back, what did not, and why', () => {
    const terminal = (name: string, detail: string) => ({
      kind: 'terminal',
      name,
      detail,
      count: 1
    });
    const restored = [
      { kind: 'workspaces', name: 'workspaces', detail: '', count: 6 },
      { kind: 'settings', name: 'user-settings', detail: '', count: 3 },
      { kind: 'files', name: 'git', detail: '', count: 1 }
    ];
    tab.tell({ outcome, restore: restore({ restored }) });
    const open = notice();
    const not_restored = [
      { kind: 'terminal', name: '3', code: 'folder-gone', detail: '~/scratch' },
      { kind: 'files', name: 'aws', code: 'secret', detail: '.aws/config' }
    ];
    tab.tell({
      restore: restore({
        restored: [...restored, terminal('1', '~/data'), terminal('2', '~')],
        not_restored
      })
    });
    expect(notice()).toBe(open); // terminals come later than the page
    expect(texts(getByRole(open, 'list', { name: 'Restored' }))).toEqual([
      '6 documents reopened',
      '2 terminals in their folders – ~/data and ~',
      'Your settings',
      'Files kept from your home folder – Git settings'
    ]);
    expect(texts(getByRole(open, 'list', { name: 'Not restored' }))).toEqual([
      'Terminal 3 – the folder ~/scratch is gone; the terminal is open in the nearest folder above',
      'AWS settings (~/.aws/config) – secrets were removed'
    ]);
  });

  it('offers to put packages back, and shows how far that has come', async () => {
    tab.tell({ outcome, packages: packages('available', [{}]) });
    tab.server.state = state({ revision: 9, outcome, packages: packages('running', [{}]) });
    getByRole(notice(), 'button', { name: 'Reinstall 1 package' }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: 'nb-updater/packages'
    });
    expect(getByRole(notice(), 'progressbar')).toBeTruthy();
  });

  it('names the packages once', () => {
    tab.tell({ outcome, packages: packages('available', [{}]) });
    expect(notice().textContent.split('Packages you installed')).toHaveLength(2);
  });

  it('says nothing of packages where nobody has added any', () => {
    tab.tell({ outcome });
    expect(queryByRole(notice(), 'region', { name: 'Packages you installed' })).toBeNull();
    expect(queryByRole(notice(), 'checkbox')).toBeNull();
  });

  it('tells whoever wants to know that a dialog has opened, and that it has gone', () => {
    const turns: boolean[] = [];
    tab.dialogs.dialogChanged.connect(() => {
      turns.push(tab.dialogs.isOpen);
    });
    tab.tell({ outcome });
    tab.tell({ outcome: null });
    expect(turns).toEqual([true, false]);
  });

  it('by hand, the packages are found in the palette', async () => {
    tab.tell({ packages: packages('available', [{}]) });
    tab.dialogs.showAddedPackages();
    await settled();
    expect(getByRole(page, 'dialog', { name: 'Packages you installed' })).toBeTruthy();
    press('Escape');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  it('is acknowledged with Close', async () => {
    tab.tell({ outcome });
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Close' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });
});
