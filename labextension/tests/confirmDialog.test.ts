import { getByLabelText, getByRole, getByText, queryByRole } from '@testing-library/dom';
import { beforeEach, describe, expect, it } from 'vitest';

import { page, press, texts, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { NOW, loss, restart, state } from './helpers/states';

const tab = testTab();

describe('the dialog before a restart', () => {
  async function ask(): Promise<HTMLElement> {
    tab.dialogs.confirmRestart();
    await settled();
    return getByRole(page, 'dialog', { name: /this notebook instance\?$/ });
  }

  it('tells a risk under what comes back, and leaves the choice to the person', async () => {
    tab.tell({ risks: [{ code: 'start-was-slow', subject: '251', detail: '300' }] });
    const dialog = await ask();
    const told = texts(getByRole(dialog, 'list', { name: 'Comes back' }));
    expect(told.at(-1)).toContain('At risk: its start script took 4 min 11 sec');
    expect(
      getByRole<HTMLButtonElement>(dialog, 'button', { name: 'Save all and restart' }).disabled
    ).toBe(false);
  });

  it('says what is saved, unsaved first, what is lost, and what comes back', async () => {
    tab.model.setDocuments([{ path: 'z.md', dirty: true }]);
    const dialog = await ask();
    expect(texts(getByRole(dialog, 'list', { name: 'Will be saved' }))).toEqual([
      'b.py – unsaved changes',
      'z.md – unsaved changes',
      'a.ipynb'
    ]);
    expect(texts(getByRole(dialog, 'list', { name: 'Will be lost' }))).toEqual([
      expect.stringContaining('Everything outside SageMaker/') as string,
      'The kernel of a.ipynb (python3) – idle: its variables are lost'
    ]);
    expect(texts(getByRole(dialog, 'list', { name: 'Comes back' }))).toContain('The same address');
  });

  it('shows what is true now, not what was when the page heard of it last', async () => {
    tab.server.state = state({
      revision: 2,
      work: { documents: [], losses: [], rescued: [], lost_tabs: [] }
    });
    const dialog = await ask();
    expect(dialog.textContent).toContain('No document is open');
    expect(dialog.textContent).not.toContain('kernel of a.ipynb');
  });

  it('has the focus on Cancel', async () => {
    const dialog = await ask();
    expect(document.activeElement).toBe(getByRole(dialog, 'button', { name: 'Cancel' }));
  });

  it('takes no click that was meant for what was there before', async () => {
    tab.isGuarded = true;
    const dialog = await ask();
    const names = ['Save all and restart', 'When idle'];
    const buttons = names.map(name => getByRole<HTMLButtonElement>(dialog, 'button', { name }));
    expect(buttons.map(({ disabled }) => disabled)).toEqual([true, true]);
    tab.endGuard();
    expect(buttons.map(({ disabled }) => disabled)).toEqual([false, false]);
  });

  it('does not take an Enter that is held down for an answer', async () => {
    await ask();
    expect(press('Enter', { repeat: true }).defaultPrevented).toBe(true);
  });

  it.each(['Cancel', 'Escape'])('goes with %s, and nothing is asked of the server', async how => {
    const dialog = await ask();
    if (how === 'Escape') {
      press('Escape');
    } else {
      getByRole(dialog, 'button', { name: 'Cancel' }).click();
    }
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(tab.server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('asks for the restart with every loss that it has shown', async () => {
    const dialog = await ask();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toEqual({
      method: 'POST',
      path: 'nb-updater/restart',
      body: { when: 'now', losses: ['kernel:8c1e'], confirmed: [], without_return: false }
    });
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  describe('about what is busy', () => {
    const busy = loss({ id: 'kernel:2', busy: true, since: '2026-11-23T13:02:11Z' });
    const named = { name: /The kernel of train.ipynb – busy for 1 hr/ };
    const confirm = (dialog: HTMLElement) =>
      getByRole<HTMLButtonElement>(dialog, 'button', { name: 'Save all and restart' });

    beforeEach(() => {
      tab.tell({ work: { documents: [], losses: [loss(), busy], rescued: [], lost_tabs: [] } });
    });

    it('asks for a second word that names it', async () => {
      const dialog = await ask();
      expect(confirm(dialog).disabled).toBe(true);
      expect(getByRole(dialog, 'status').textContent).toContain('tick each line');
      getByRole(dialog, 'checkbox', named).click();
      confirm(dialog).click();
      await settled();
      expect(tab.server.requests.at(-1)?.body).toEqual({
        when: 'now',
        losses: ['kernel:1', 'kernel:2'],
        confirmed: ['kernel:2'],
        without_return: false
      });
    });

    it('takes the word back', async () => {
      const dialog = await ask();
      getByRole(dialog, 'checkbox', named).click();
      getByRole(dialog, 'checkbox', named).click();
      expect(confirm(dialog).disabled).toBe(true);
    });

    it('may wait until nothing is cut off', async () => {
      const dialog = await ask();
      getByRole(dialog, 'button', { name: 'When idle' }).click();
      await settled();
      expect(tab.server.requests.at(-1)?.body).toMatchObject({ when: 'idle', confirmed: [] });
      expect(queryByRole(page, 'dialog')).toBeNull();
    });
  });

  it('asks whether a copy is enough, and whether a hold may be broken', async () => {
    const hold = { by: 'ana', reason: 'training', until: '2026-11-23T18:00:00Z', since: NOW };
    const rescued = ['1', '2'].map(mark => ({ path: 'b.py', copy: `b.unsaved-${mark}.py` }));
    tab.tell({ hold, work: { ...state().work, rescued } });
    const dialog = await ask();
    getByRole(dialog, 'checkbox', { name: /^ana holds this instance until .*: training$/ }).click();
    getByRole(dialog, 'checkbox', {
      name: /yours is kept as b.unsaved-1.py, b.unsaved-2.py$/
    }).click();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.body).toMatchObject({
      confirmed: [`hold:${NOW}`, 'rescued:b.py']
    });
  });

  it('asks whether the instance may move to another platform', async () => {
    const instance = { ...state().instance, platform: 'notebook-al2-v3' };
    tab.tell({ instance: { ...instance, moves_to: 'notebook-al2023-v1' } });
    const dialog = await ask();
    const moves = getByRole(dialog, 'list', { name: 'Moves to another platform' });
    getByRole(dialog, 'button', { name: 'When idle' }).click();
    expect(getByText(dialog, 'Tick the move to another platform first.')).toBeTruthy();
    getByRole(moves, 'checkbox', { name: /^From notebook-al2-v3 to notebook-al2023-v1/ }).click();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.body).toMatchObject({
      confirmed: ['migration:notebook-al2023-v1']
    });
  });

  it('asks about a page that cannot be asked', async () => {
    const lost = { id: 'tab:1', page: 'lab', documents: ['z.md', 'y.md'] };
    tab.tell({ work: { ...state().work, lost_tabs: [lost] } });
    const dialog = await ask();
    getByRole(dialog, 'checkbox', { name: /lost its connection \(z\.md, y\.md\)/ }).click();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.body).toMatchObject({ confirmed: ['tab:1'] });
  });

  it('may be for another time', async () => {
    const dialog = await ask();
    const field = getByLabelText<HTMLInputElement>(dialog, 'Restart at');
    field.value = '2099-01-02T18:00';
    getByRole(dialog, 'button', { name: 'Restart then', hidden: true }).click();
    await settled();
    const { when } = tab.server.requests.at(-1)?.body as { when: string };
    expect(when).toMatch(/^2099-01-0\dT\d\d:00:00Z$/);
    expect(Date.parse(when)).toBe(new Date('2099-01-02T18:00').getTime());
  });

  it('may be put off for a reason', async () => {
    const dialog = await ask();
    getByLabelText<HTMLInputElement>(dialog, 'Hold until').value = '2099-01-02T18:00';
    getByLabelText<HTMLInputElement>(dialog, 'because of').value = 'training';
    getByRole(dialog, 'button', { name: 'Hold', hidden: true }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: 'nb-updater/hold',
      body: { reason: 'training' }
    });
  });

  it.each(['', '2020-01-01T00:00'])('does not wait for a time that is past (%o)', async value => {
    const dialog = await ask();
    getByLabelText<HTMLInputElement>(dialog, 'Restart at').value = value;
    getByRole(dialog, 'button', { name: 'Restart then', hidden: true }).click();
    await settled();
    expect(tab.server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('says why, and stays, when the server does not want to', async () => {
    tab.server.restartError = { status: 409, body: '{"code": "already-running", "message": ""}' };
    const dialog = await ask();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(getByRole(dialog, 'alert').textContent).toBe('A restart is already running.');
  });

  it('cannot be confirmed when the server does not answer', async () => {
    tab.server.answerInstead = { status: 502, body: '' };
    const dialog = await ask();
    const confirm = getByRole<HTMLButtonElement>(dialog, 'button', {
      name: 'Save all and restart'
    });
    expect(confirm.disabled).toBe(true);
    expect(getByRole(dialog, 'alert').textContent).toContain('does not answer');
  });

  it('says who must start the instance when nobody else does', async () => {
    tab.tell({ return_path: { kind: 'manual', proof: 'verified' } });
    const dialog = await ask();
    expect(dialog.textContent).toContain(
      'aws sagemaker start-notebook-instance --notebook-instance-name research-1'
    );
    const link = getByRole<HTMLAnchorElement>(dialog, 'link');
    expect(link.href).toMatch(/^https:/);
    getByRole(dialog, 'button', { name: 'Save all and stop' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.body).toMatchObject({ without_return: true });
  });

  it('gives way when another tab has started a restart', async () => {
    await ask();
    tab.tell({ restart: restart('preflight') });
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(getByRole(page, 'alertdialog', { name: 'Restarting' })).toBeTruthy();
  });
});
