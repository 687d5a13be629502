import { getAllByRole, getByRole, getByText } from '@testing-library/dom';
import { describe, expect, it } from 'vitest';

import { page, texts, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { restore, state } from './helpers/states';

const tab = testTab();

describe('the files that may be kept', () => {
  const available = [
    { id: 'git', paths: ['~/.gitconfig'], exists: true },
    { id: 'history', paths: ['~/.bash_history'], exists: false }
  ];
  const git = { name: 'Git settings – ~/.gitconfig', hidden: true };

  async function ask(): Promise<HTMLElement> {
    tab.dialogs.confirmRestart();
    await settled();
    return getByRole(page, 'dialog', { name: 'Restart this notebook instance?' });
  }

  it('are folded away, and each is off until somebody switches it on', async () => {
    tab.tell({ restore: restore({ available }) });
    const dialog = await ask();
    expect(getByText(dialog, 'Keep files from your home folder…').closest('details')?.open).toBe(
      false
    );
    const boxes = getAllByRole<HTMLInputElement>(dialog, 'checkbox', { hidden: true });
    expect(boxes.map(({ checked }) => checked)).toEqual([false, false]);
    expect(texts(getByRole(dialog, 'list', { name: 'Will be restored' }))).toContain(
      'Files kept from your home folder: none'
    );
  });

  it('are told with what to know about them', async () => {
    tab.tell({ restore: restore({ available }) });
    const dialog = await ask();
    const name = /^Shell history – .*bash_history · may contain passwords.* · none exists now$/;
    expect(getByRole(dialog, 'checkbox', { name, hidden: true })).toBeTruthy();
  });

  it('come back from then on, and the question stays', async () => {
    tab.tell({ restore: restore({ available }) });
    const dialog = await ask();
    tab.server.state = state({ revision: 9, restore: restore({ available, enabled: ['git'] }) });
    const box = getByRole<HTMLInputElement>(dialog, 'checkbox', git);
    box.click();
    await settled();
    expect(tab.server.requests.at(-1)).toEqual({
      method: 'PUT',
      path: 'nb-updater/restore',
      body: { files: ['git'] }
    });
    expect(getByRole(dialog, 'checkbox', git)).toBe(box); // it has not moved
    expect(box.checked).toBe(true);
    expect(texts(getByRole(dialog, 'list', { name: 'Will be restored' }))).toContain(
      'Files kept from your home folder: Git settings'
    );
  });

  it('are as they were when the server does not want to', async () => {
    tab.tell({ restore: restore({ available }) });
    const dialog = await ask();
    tab.server.answerInstead = {
      status: 409,
      body: '{"code": "not-saved", "detail": "not-written"}'
    };
    const box = getByRole<HTMLInputElement>(dialog, 'checkbox', git);
    box.click();
    await settled();
    expect(getByRole(dialog, 'alert').textContent).toBe(
      'Your choice was not saved: the file could not be written.'
    );
    expect(box.checked).toBe(false);
  });

  it('are not spoken of where none may be kept', async () => {
    const dialog = await ask();
    expect(getByText(dialog, 'Keep files from your home folder…').closest('details')?.hidden).toBe(
      true
    );
    expect(dialog.textContent).not.toContain('home folder:');
  });
});
