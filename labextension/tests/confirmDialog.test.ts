import {
  getAllByRole,
  getByLabelText,
  getByRole,
  getByText,
  queryByRole
} from '@testing-library/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CONFIRM_REFRESH_MS } from '../src/constants';
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

  it('lists risks by themselves, and leaves the choice to the person', async () => {
    tab.tell({ risks: [{ code: 'start-was-slow', subject: '251', detail: '300' }] });
    const dialog = await ask();
    expect(texts(getByRole(dialog, 'list', { name: 'Risks' }))).toEqual([
      expect.stringContaining('The start script took 4 min 11 sec') as string
    ]);
    expect(
      getByRole<HTMLButtonElement>(dialog, 'button', { name: 'Save all and restart' }).disabled
    ).toBe(false);
  });

  it('says what is saved, unsaved first, what is lost, and what is restored', async () => {
    tab.model.setDocuments([{ path: 'z.md', dirty: true }]);
    const dialog = await ask();
    expect(texts(getByRole(dialog, 'list', { name: 'Will be saved' }))).toEqual([
      'b.py – unsaved changes',
      'z.md – unsaved changes',
      'a.ipynb'
    ]);
    expect(texts(getByRole(dialog, 'list', { name: 'Will be lost' }))).toEqual([
      expect.stringContaining('Everything outside SageMaker/') as string,
      'Kernel of a.ipynb (python3) – idle: its variables are lost'
    ]);
    expect(texts(getByRole(dialog, 'list', { name: 'Will be restored' }))).toContain(
      'The URL of this page'
    );
  });

  it('shows what is true now, not what was when the page heard of it last', async () => {
    tab.server.state = state({
      revision: 2,
      work: { documents: [], losses: [], rescued: [], lost_tabs: [] }
    });
    const dialog = await ask();
    expect(queryByRole(dialog, 'list', { name: 'Will be saved' })).toBeNull();
    expect(dialog.textContent).not.toContain('Kernel of a.ipynb');
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
    const named = { name: /^Kernel of train.ipynb – busy for 1 h/ };
    const confirm = (dialog: HTMLElement) =>
      getByRole<HTMLButtonElement>(dialog, 'button', { name: 'Save all and restart' });

    beforeEach(() => {
      tab.tell({ work: { documents: [], losses: [loss(), busy], rescued: [], lost_tabs: [] } });
    });

    it('asks for a second word that names it', async () => {
      const dialog = await ask();
      expect(confirm(dialog).disabled).toBe(true);
      expect(getByRole(dialog, 'status').textContent).toBe(
        'Confirm 1 more item to restart now, or choose “When idle”.'
      );
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
    const hold = {
      by: 'ana',
      verified: true,
      reason: 'training',
      until: '2026-11-23T18:00:00Z',
      since: NOW
    };
    const rescued = ['1', '2'].map(mark => ({ path: 'b.py', copy: `b.unsaved-${mark}.py` }));
    tab.tell({ hold, work: { ...state().work, rescued } });
    const dialog = await ask();
    getByRole(dialog, 'checkbox', {
      name: /^End the hold that ana placed until .* – training$/
    }).click();
    getByRole(dialog, 'checkbox', {
      name: /Your version is saved as b.unsaved-1.py and b.unsaved-2.py\.$/
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
    const choices = getByRole(dialog, 'list', { name: 'Confirm before you restart' });
    getByRole(dialog, 'button', { name: 'When idle' }).click();
    expect(getByText(dialog, 'Confirm the move to another platform first.')).toBeTruthy();
    getByRole(choices, 'checkbox', {
      name: /^Move from notebook-al2-v3 to notebook-al2023-v1, permanently/
    }).click();
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
    getByRole(dialog, 'checkbox', { name: /will be lost: z\.md and y\.md/ }).click();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.body).toMatchObject({ confirmed: ['tab:1'] });
  });

  it('may be for another time', async () => {
    const dialog = await ask();
    const field = getByLabelText<HTMLInputElement>(dialog, 'Restart at');
    field.value = '2099-01-02T18:00';
    getByRole(dialog, 'button', { name: 'Schedule restart', hidden: true }).click();
    await settled();
    const { when } = tab.server.requests.at(-1)?.body as { when: string };
    expect(when).toMatch(/^2099-01-0\dT\d\d:00:00Z$/);
    expect(Date.parse(when)).toBe(new Date('2099-01-02T18:00').getTime());
  });

  it('may be put off for a reason, in the name that was given before or in another one', async () => {
    tab.tell({ given_name: 'Ana' });
    const dialog = await ask();
    const name = getByLabelText<HTMLInputElement>(dialog, 'Your name');
    expect(name.value).toBe('Ana');
    name.value = 'Ben';
    getByLabelText<HTMLInputElement>(dialog, 'Hold until').value = '2099-01-02T18:00';
    getByLabelText<HTMLInputElement>(dialog, 'Reason').value = 'training';
    getByRole(dialog, 'button', { name: 'Place hold', hidden: true }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: 'nb-updater/hold',
      body: { reason: 'training', by: 'Ben' }
    });
  });

  it.each(['', '2020-01-01T00:00'])('does not wait for a time that is past (%o)', async value => {
    const dialog = await ask();
    getByLabelText<HTMLInputElement>(dialog, 'Restart at').value = value;
    getByRole(dialog, 'button', { name: 'Schedule restart', hidden: true }).click();
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

  it('cannot be confirmed where the server refuses this page, and says what to do', async () => {
    tab.model.setProblem('refused');
    const dialog = await ask();
    const names = ['Save all and restart', 'When idle'];
    const buttons = names.map(name => getByRole<HTMLButtonElement>(dialog, 'button', { name }));
    expect(buttons.map(({ disabled }) => disabled)).toEqual([true, true]);
    expect(dialog.textContent).toContain('Run “jupyter nb-updater doctor” in a terminal');
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

  describe('for real work', () => {
    const documents = Array.from({ length: 40 }, (_, number) => ({
      path: `n${String(number).padStart(2, '0')}.ipynb`,
      dirty: number >= 37,
      tabs: 1
    }));
    const losses = Array.from({ length: 20 }, (_, number) =>
      loss({ id: `kernel:${number}`, name: `n${number}.ipynb`, busy: number % 4 === 0 })
    );
    const confirm = (dialog: HTMLElement) =>
      getByRole<HTMLButtonElement>(dialog, 'button', { name: 'Save all and restart' });
    /** The dialog asks the server every few seconds. */
    const nextLook = async () => {
      await vi.advanceTimersByTimeAsync(CONFIRM_REFRESH_MS);
      await settled();
    };
    const hint = (dialog: HTMLElement) => getByRole(dialog, 'status').textContent;

    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      tab.tell({ work: { documents, losses, rescued: [], lost_tabs: [] } });
    });

    afterEach(() => {
      vi.useRealTimers();
    });

    it('shows the first documents, unsaved ones before others, and folds the rest', async () => {
      const dialog = await ask();
      const saved = getByRole(dialog, 'region', { name: 'Will be saved' });
      const [first, rest] = getAllByRole(saved, 'list', { hidden: true });
      expect(first && texts(first)).toEqual([
        'n37.ipynb – unsaved changes',
        'n38.ipynb – unsaved changes',
        'n39.ipynb – unsaved changes',
        'n00.ipynb',
        'n01.ipynb'
      ]);
      expect(getByText(saved, 'and 35 more').closest('details')?.open).toBe(false);
      expect(rest?.querySelectorAll('li')).toHaveLength(35);
    });

    it('keeps unfolded what somebody has unfolded', async () => {
      const dialog = await ask();
      const details = getByText(dialog, 'and 35 more').closest('details');
      if (details) {
        details.open = true;
      }
      tab.server.push({
        work: { documents: documents.slice(1), losses, rescued: [], lost_tabs: [] }
      });
      await nextLook();
      const again = getByText(dialog, 'and 34 more').closest('details');
      expect(again).toBe(details);
      expect(again?.open).toBe(true);
    });

    it('lists what must be confirmed outside of what scrolls, before the buttons', async () => {
      const dialog = await ask();
      const choices = getByRole(dialog, 'list', { name: 'Confirm before you restart' });
      expect(choices.closest('.jp-Dialog-body')).toBeNull();
      const follows = choices.compareDocumentPosition(confirm(dialog));
      expect(follows & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
      expect(getAllByRole(choices, 'checkbox')).toHaveLength(6);
    });

    it('says nothing twice: what must be confirmed is only counted among what is lost', async () => {
      const dialog = await ask();
      const lost = getByRole(dialog, 'region', { name: 'Will be lost' });
      expect(lost.textContent).toContain('5 running items, to confirm below');
      for (const { name, busy } of losses) {
        const lines = [...dialog.querySelectorAll('li')].filter(({ textContent }) =>
          textContent.startsWith(`Kernel of ${name} `)
        );
        expect([name, lines.length]).toEqual([name, 1]);
        expect([name, lost.contains(lines[0] ?? null)]).toEqual([name, !busy]);
      }
    });

    it('says how many are missing, in the description of the button too', async () => {
      const dialog = await ask();
      expect(hint(dialog)).toBe('Confirm 5 more items to restart now, or choose “When idle”.');
      getByRole(dialog, 'checkbox', { name: /^Kernel of n4\.ipynb/ }).click();
      expect(hint(dialog)).toBe('Confirm 4 more items to restart now, or choose “When idle”.');
      const id = confirm(dialog).getAttribute('aria-describedby') ?? '';
      expect(document.getElementById(id)?.textContent).toBe(hint(dialog));
    });

    it('selects all of them at once, and each by itself', async () => {
      const dialog = await ask();
      const all = getByRole<HTMLInputElement>(dialog, 'checkbox', {
        name: 'Select all 5 items below'
      });
      const one = getByRole<HTMLInputElement>(dialog, 'checkbox', { name: /n4\.ipynb/ });
      all.click();
      expect([one.checked, hint(dialog), confirm(dialog).disabled]).toEqual([true, '', false]);
      one.click();
      expect([all.checked, all.indeterminate, confirm(dialog).disabled]).toEqual([
        ...[false, true, true]
      ]);
      one.click();
      confirm(dialog).click();
      await settled();
      const { confirmed } = tab.server.requests.at(-1)?.body as { confirmed: string[] };
      expect(confirmed).toEqual(['kernel:0', 'kernel:8', 'kernel:12', 'kernel:16', 'kernel:4']);
    });

    it('never selects a move to another platform, or the end of a hold, along with others', async () => {
      const hold = {
        by: 'ana',
        verified: true,
        reason: '',
        until: '2026-11-23T18:00:00Z',
        since: NOW
      };
      tab.tell({ hold, instance: { ...state().instance, moves_to: 'notebook-al2023-v1' } });
      const dialog = await ask();
      getByRole(dialog, 'checkbox', { name: 'Select all 5 items below' }).click();
      expect(hint(dialog)).toContain('Confirm 2 more items');
    });

    it('keeps the focus on a box while the lists are refreshed', async () => {
      const dialog = await ask();
      getByRole(dialog, 'checkbox', { name: /n8\.ipynb/ }).focus();
      tab.server.push({ work: { documents, losses: losses.slice(1), rescued: [], lost_tabs: [] } });
      await nextLook();
      expect(document.activeElement).toBe(getByRole(dialog, 'checkbox', { name: /n8\.ipynb/ }));
    });
  });

  it('opens a document and its copies beside each other, and goes', async () => {
    const rescued = [{ path: 'b.py', copy: 'b.unsaved-1.py' }];
    tab.tell({ work: { ...state().work, rescued } });
    const dialog = await ask();
    getByRole(dialog, 'button', { name: 'Open both' }).click();
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(tab.openFiles).toHaveBeenCalledExactlyOnceWith(['b.py', 'b.unsaved-1.py']);
  });

  it('says that a request without an answer may still be carried out', async () => {
    tab.server.restartError = { status: 504, body: 'Gateway Timeout' };
    const dialog = await ask();
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(getByRole(dialog, 'alert').textContent).toBe(
      'The server did not answer in time. The request may still be carried out.'
    );
  });

  it('is the owner of the refusal that follows', async () => {
    const dialog = await ask();
    tab.server.state = state({ revision: 8, restart: restart('preflight') });
    getByRole(dialog, 'button', { name: 'Save all and restart' }).click();
    await settled();
    tab.tell({ restart: restart('refused') });
    expect(getByRole(page, 'alertdialog', { name: 'Not restarted' })).toBeTruthy();
  });
});
