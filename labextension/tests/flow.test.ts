import {
  getAllByRole,
  getByLabelText,
  getByRole,
  getByText,
  queryByRole,
  within
} from '@testing-library/dom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Language } from '../src/i18n/language';
import { DialogManager, dialogFor } from '../src/restart/dialogManager';
import { Api } from '../src/server/api';
import { UpdateModel } from '../src/server/model';
import type { IState } from '../src/server/protocol';
import { Server, settled } from './helpers/server';
import { NOW, desk, loss, packages, restart, state } from './helpers/states';
import { surfacesWith } from './helpers/ui';

const page = document.body;
const reload = vi.fn();
let server: Server;
let model: UpdateModel;
let flow: DialogManager;
let clock: number;
/** Whether what has just appeared counts at once; else when `moment` has passed. */
let isArmed: boolean;
let moment: () => void;

beforeEach(async () => {
  clock = 0;
  isArmed = true;
  server = new Server();
  model = new UpdateModel('lab', () => clock);
  flow = new DialogManager(model, new Api(server.settings), new Language(null), reload, () =>
    surfacesWith(work => {
      moment = work;
      if (isArmed) {
        work();
      }
    })
  );
  model.changed.connect(() => {
    flow.refresh();
  });
  model.update(server.state);
  await flow.loadUi();
});

afterEach(() => {
  flow.dispose();
});

/** The server changes, and this tab hears of it. */
function tell(over: Partial<IState>): void {
  server.push(over);
  model.update(server.state);
}

function press(key: string, over: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...over });
  (document.activeElement ?? page).dispatchEvent(event);
  return event;
}

const texts = (list: HTMLElement) =>
  getAllByRole(list, 'listitem').map(({ textContent }) => textContent);

describe('the sheet', () => {
  async function ask(): Promise<HTMLElement> {
    flow.confirmRestart();
    await settled();
    return getByRole(page, 'dialog', { name: /this notebook instance\?$/ });
  }

  it('tells a risk under what comes back, and leaves the choice to the person', async () => {
    tell({ risks: [{ code: 'start-was-slow', subject: '251', detail: '300' }] });
    const sheet = await ask();
    const told = texts(getByRole(sheet, 'list', { name: 'Comes back' }));
    expect(told.at(-1)).toContain('At risk: its start script took 4 min 11 s');
    expect(
      getByRole<HTMLButtonElement>(sheet, 'button', { name: 'Save all and restart' }).disabled
    ).toBe(false);
  });

  it('says what is saved, unsaved first, what is lost, and what comes back', async () => {
    model.setDocuments([{ path: 'z.md', dirty: true }]);
    const sheet = await ask();
    expect(texts(getByRole(sheet, 'list', { name: 'Will be saved' }))).toEqual([
      'b.py – unsaved changes',
      'z.md – unsaved changes',
      'a.ipynb'
    ]);
    expect(texts(getByRole(sheet, 'list', { name: 'Will be lost' }))).toEqual([
      expect.stringContaining('Everything outside SageMaker/') as string,
      'The kernel of a.ipynb (python3) – idle: its variables are lost'
    ]);
    expect(texts(getByRole(sheet, 'list', { name: 'Comes back' }))).toContain('The same address');
  });

  it('shows what is true now, not what was when the page heard of it last', async () => {
    server.state = state({
      revision: 2,
      work: { documents: [], losses: [], rescued: [], lost_tabs: [] }
    });
    const sheet = await ask();
    expect(sheet.textContent).toContain('No document is open');
    expect(sheet.textContent).not.toContain('kernel of a.ipynb');
  });

  it('has the focus on Cancel', async () => {
    const sheet = await ask();
    expect(document.activeElement).toBe(getByRole(sheet, 'button', { name: 'Cancel' }));
  });

  it('takes no click that was meant for what was there before', async () => {
    isArmed = false;
    const sheet = await ask();
    const names = ['Save all and restart', 'When idle'];
    const buttons = names.map(name => getByRole<HTMLButtonElement>(sheet, 'button', { name }));
    expect(buttons.map(({ disabled }) => disabled)).toEqual([true, true]);
    moment();
    expect(buttons.map(({ disabled }) => disabled)).toEqual([false, false]);
  });

  it('does not take an Enter that is held down for an answer', async () => {
    await ask();
    expect(press('Enter', { repeat: true }).defaultPrevented).toBe(true);
  });

  it.each(['Cancel', 'Escape'])('goes with %s, and nothing is asked of the server', async how => {
    const sheet = await ask();
    if (how === 'Escape') {
      press('Escape');
    } else {
      getByRole(sheet, 'button', { name: 'Cancel' }).click();
    }
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('asks for the restart with every loss that it has shown', async () => {
    const sheet = await ask();
    getByRole(sheet, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(server.requests.at(-1)).toEqual({
      method: 'POST',
      path: 'nb-updater/restart',
      body: { when: 'now', losses: ['kernel:8c1e'], words: [], without_return: false }
    });
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  describe('about what is busy', () => {
    const busy = loss({ id: 'kernel:2', busy: true, since: '2026-11-23T13:02:11Z' });
    const named = { name: /The kernel of train.ipynb – busy for 1 h/ };
    const confirm = (sheet: HTMLElement) =>
      getByRole<HTMLButtonElement>(sheet, 'button', { name: 'Save all and restart' });

    beforeEach(() => {
      tell({ work: { documents: [], losses: [loss(), busy], rescued: [], lost_tabs: [] } });
    });

    it('asks for a second word that names it', async () => {
      const sheet = await ask();
      expect(confirm(sheet).disabled).toBe(true);
      expect(getByRole(sheet, 'status').textContent).toContain('tick each line');
      getByRole(sheet, 'checkbox', named).click();
      confirm(sheet).click();
      await settled();
      expect(server.requests.at(-1)?.body).toEqual({
        when: 'now',
        losses: ['kernel:1', 'kernel:2'],
        words: ['kernel:2'],
        without_return: false
      });
    });

    it('takes the word back', async () => {
      const sheet = await ask();
      getByRole(sheet, 'checkbox', named).click();
      getByRole(sheet, 'checkbox', named).click();
      expect(confirm(sheet).disabled).toBe(true);
    });

    it('may wait until nothing is cut off', async () => {
      const sheet = await ask();
      getByRole(sheet, 'button', { name: 'When idle' }).click();
      await settled();
      expect(server.requests.at(-1)?.body).toMatchObject({ when: 'idle', words: [] });
      expect(queryByRole(page, 'dialog')).toBeNull();
    });
  });

  it('asks whether a copy is enough, and whether a hold may be broken', async () => {
    const hold = { by: 'ana', reason: 'training', until: '2026-11-23T18:00:00Z', since: NOW };
    const rescued = ['1', '2'].map(mark => ({ path: 'b.py', copy: `b.unsaved-${mark}.py` }));
    tell({ hold, work: { ...state().work, rescued } });
    const sheet = await ask();
    getByRole(sheet, 'checkbox', { name: /^ana holds this instance until .*: training$/ }).click();
    getByRole(sheet, 'checkbox', {
      name: /yours is kept as b.unsaved-1.py, b.unsaved-2.py$/
    }).click();
    getByRole(sheet, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(server.requests.at(-1)?.body).toMatchObject({ words: [`hold:${NOW}`, 'rescued:b.py'] });
  });

  it('asks whether the instance may move to another platform', async () => {
    const instance = { ...state().instance, platform: 'notebook-al2-v3' };
    tell({ instance: { ...instance, moves_to: 'notebook-al2023-v1' } });
    const sheet = await ask();
    const moves = getByRole(sheet, 'list', { name: 'Moves to another platform' });
    getByRole(sheet, 'button', { name: 'When idle' }).click();
    expect(getByText(sheet, 'Tick the move to another platform first.')).toBeTruthy();
    getByRole(moves, 'checkbox', { name: /^From notebook-al2-v3 to notebook-al2023-v1/ }).click();
    getByRole(sheet, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(server.requests.at(-1)?.body).toMatchObject({
      words: ['migration:notebook-al2023-v1']
    });
  });

  it('asks about a page that cannot be asked', async () => {
    const tab = { id: 'tab:1', page: 'lab', documents: ['z.md', 'y.md'] };
    tell({ work: { ...state().work, lost_tabs: [tab] } });
    const sheet = await ask();
    getByRole(sheet, 'checkbox', { name: /lost its connection \(z\.md, y\.md\)/ }).click();
    getByRole(sheet, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(server.requests.at(-1)?.body).toMatchObject({ words: ['tab:1'] });
  });

  it('may be for another time', async () => {
    const sheet = await ask();
    const field = getByLabelText<HTMLInputElement>(sheet, 'Restart at');
    field.value = '2099-01-02T18:00';
    getByRole(sheet, 'button', { name: 'Restart then', hidden: true }).click();
    await settled();
    const { when } = server.requests.at(-1)?.body as { when: string };
    expect(when).toMatch(/^2099-01-0\dT\d\d:00:00Z$/);
    expect(Date.parse(when)).toBe(new Date('2099-01-02T18:00').getTime());
  });

  it('may be put off for a reason', async () => {
    const sheet = await ask();
    getByLabelText<HTMLInputElement>(sheet, 'Hold until').value = '2099-01-02T18:00';
    getByLabelText<HTMLInputElement>(sheet, 'because of').value = 'training';
    getByRole(sheet, 'button', { name: 'Hold', hidden: true }).click();
    await settled();
    expect(server.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: 'nb-updater/hold',
      body: { reason: 'training' }
    });
  });

  it.each(['', '2020-01-01T00:00'])('does not wait for a time that is past (%o)', async value => {
    const sheet = await ask();
    getByLabelText<HTMLInputElement>(sheet, 'Restart at').value = value;
    getByRole(sheet, 'button', { name: 'Restart then', hidden: true }).click();
    await settled();
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('says why, and stays, when the server does not want to', async () => {
    server.refusal = { status: 409, body: '{"code": "already-running", "message": ""}' };
    const sheet = await ask();
    getByRole(sheet, 'button', { name: 'Save all and restart' }).click();
    await settled();
    expect(getByRole(sheet, 'alert').textContent).toBe('A restart is already running.');
  });

  it('cannot be confirmed when the server does not answer', async () => {
    server.answerInstead = { status: 502, body: '' };
    const sheet = await ask();
    const confirm = getByRole<HTMLButtonElement>(sheet, 'button', { name: 'Save all and restart' });
    expect(confirm.disabled).toBe(true);
    expect(getByRole(sheet, 'alert').textContent).toContain('does not answer');
  });

  it('says who must start the instance when nobody else does', async () => {
    tell({ return_path: { kind: 'manual', proof: 'verified' } });
    const sheet = await ask();
    expect(sheet.textContent).toContain(
      'aws sagemaker start-notebook-instance --notebook-instance-name research-1'
    );
    const link = getByRole<HTMLAnchorElement>(sheet, 'link');
    expect(link.href).toMatch(/^https:/);
    getByRole(sheet, 'button', { name: 'Save all and stop' }).click();
    await settled();
    expect(server.requests.at(-1)?.body).toMatchObject({ without_return: true });
  });

  it('gives way when another tab has started a restart', async () => {
    await ask();
    tell({ restart: restart('preflight') });
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(getByRole(page, 'alertdialog', { name: 'Restarting' })).toBeTruthy();
  });
});

describe('the files that may be kept', () => {
  const offered = [
    { id: 'git', paths: ['~/.gitconfig'], there: true },
    { id: 'history', paths: ['~/.bash_history'], there: false }
  ];
  const git = { name: 'Git settings – ~/.gitconfig', hidden: true };

  async function ask(): Promise<HTMLElement> {
    flow.confirmRestart();
    await settled();
    return getByRole(page, 'dialog', { name: 'Restart this notebook instance?' });
  }

  it('are folded away, and each is off until somebody switches it on', async () => {
    tell({ desk: desk({ offered }) });
    const sheet = await ask();
    expect(getByText(sheet, 'Keep more…').closest('details')?.open).toBe(false);
    const boxes = getAllByRole<HTMLInputElement>(sheet, 'checkbox', { hidden: true });
    expect(boxes.map(({ checked }) => checked)).toEqual([false, false]);
    expect(texts(getByRole(sheet, 'list', { name: 'Comes back' }))).toContain(
      'From the home folder – nothing'
    );
  });

  it('are told with what to know about them', async () => {
    tell({ desk: desk({ offered }) });
    const sheet = await ask();
    const name = /^Shell history – .*bash_history; may hold passwords.*; there is none now$/;
    expect(getByRole(sheet, 'checkbox', { name, hidden: true })).toBeTruthy();
  });

  it('come back from then on, and the question stays', async () => {
    tell({ desk: desk({ offered }) });
    const sheet = await ask();
    server.state = state({ revision: 9, desk: desk({ offered, keeping: ['git'] }) });
    const box = getByRole<HTMLInputElement>(sheet, 'checkbox', git);
    box.click();
    await settled();
    expect(server.requests.at(-1)).toEqual({
      method: 'PUT',
      path: 'nb-updater/desk',
      body: { files: ['git'] }
    });
    expect(getByRole(sheet, 'checkbox', git)).toBe(box); // it has not moved
    expect(box.checked).toBe(true);
    expect(texts(getByRole(sheet, 'list', { name: 'Comes back' }))).toContain(
      'From the home folder – Git settings'
    );
  });

  it('are as they were when the server does not want to', async () => {
    tell({ desk: desk({ offered }) });
    const sheet = await ask();
    server.answerInstead = { status: 409, body: '{"code": "not-kept", "message": "no room"}' };
    const box = getByRole<HTMLInputElement>(sheet, 'checkbox', git);
    box.click();
    await settled();
    expect(getByRole(sheet, 'alert').textContent).toBe('The server refused: no room');
    expect(box.checked).toBe(false);
  });

  it('are not spoken of where none may be kept', async () => {
    const sheet = await ask();
    expect(getByText(sheet, 'Keep more…').closest('details')?.hidden).toBe(true);
    expect(sheet.textContent).not.toContain('From the home folder');
  });
});

describe('while a restart runs', () => {
  const overlay = () => getByRole(page, 'alertdialog', { name: 'Restarting' });

  it.each(['preflight', 'saving', 'arming', 'stopping', 'away'] as const)('%s is told', phase => {
    tell({ restart: restart(phase) });
    expect(getByRole(overlay(), 'status').textContent).not.toBe('');
  });

  it('tells how long it has been', () => {
    tell({ restart: restart('stopping') });
    clock += 75_000;
    flow.refresh();
    expect(getByRole(overlay(), 'timer').textContent).toBe('Elapsed: 1 min 15 s');
  });

  it('says what to do when it takes long, with the way to the console', () => {
    tell({ restart: restart('stopping') });
    expect(queryByRole(overlay(), 'link')).toBeNull();
    clock += 1_000_000;
    flow.refresh();
    expect(overlay().textContent).toContain('longer than usual');
    expect(getByRole(overlay(), 'link')).toBeTruthy();
  });

  it('says how long it usually takes here, also when the server is gone', () => {
    tell({ restart: restart('away', { usual_seconds: 243 }) });
    model.setConnected(false);
    clock += 60_000;
    flow.refresh();
    expect(overlay().textContent).toContain('Usually about 4 minutes here.');
    expect(queryByRole(overlay(), 'link')).toBeNull();
    clock += 400_000;
    flow.refresh();
    expect(overlay().textContent).toContain('open the notebook from the console');
    expect(getByRole(overlay(), 'link')).toBeTruthy();
  });

  it.each(['preflight', 'saving', 'arming'] as const)('can be called off in %s', async phase => {
    tell({ restart: restart(phase) });
    server.state = state({ revision: 9 });
    getByRole(overlay(), 'button', { name: 'Cancel' }).click();
    await settled();
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: 'nb-updater/restart' });
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('cannot be called off once the stop is asked for', () => {
    tell({ restart: restart('arming') });
    tell({ restart: restart('stopping') });
    expect(queryByRole(overlay(), 'button')).toBeNull();
  });

  it('does not go with Escape, nor when the browser closes it', () => {
    tell({ restart: restart('stopping') });
    press('Escape');
    const dialog = overlay() as HTMLDialogElement;
    dialog.close();
    expect(dialog.open).toBe(true);
  });

  it("keeps JupyterLab's shortcuts from the page behind", () => {
    const shortcut = vi.fn();
    document.addEventListener('keydown', shortcut, true);
    tell({ restart: restart('stopping') });
    expect(press('s', { ctrlKey: true }).defaultPrevented).toBe(true);
    document.removeEventListener('keydown', shortcut, true);
    expect(shortcut).not.toHaveBeenCalled();
  });

  it('is not called a restart when nobody starts the instance again', () => {
    tell({ restart: restart('stopping', { stops_only: true }) });
    const dialog = getByRole(page, 'alertdialog', { name: 'Stopping' });
    expect(dialog.textContent).toContain('start-notebook-instance');
  });

  it('offers to reload when this tab changed after it was saved', () => {
    tell({ restart: restart('stopping') });
    model.update(state({ boot_id: 'boot-2' }));
    flow.askForReload();
    getByRole(overlay(), 'button', { name: 'Reload' }).click();
    expect(reload).toHaveBeenCalledOnce();
  });
});

describe('a refusal', () => {
  const refused = restart('refused', {
    findings: [
      { code: 'document-not-saved', subject: 'b.py', detail: 'read-only', action: null },
      {
        code: 'access-denied',
        subject: 'StopNotebookInstance',
        detail: '<img src=x onerror=alert(1)>',
        action: 'sagemaker:StopNotebookInstance'
      }
    ]
  });
  const notice = () => getByRole(page, 'alertdialog', { name: 'Not restarted' });

  it('names each thing that was in the way, one line each', () => {
    tell({ restart: refused });
    const [document_, permission, ...rest] = texts(getByRole(notice(), 'list'));
    expect(document_).toContain('b.py has unsaved changes, but may not be written.');
    expect(permission).toContain('sagemaker:StopNotebookInstance');
    expect(rest).toEqual([]);
  });

  it('shows text from outside as text', () => {
    tell({ restart: refused });
    expect(notice().querySelector('img')).toBeNull();
    expect(notice().textContent).toContain('<img src=x');
  });

  it('is acknowledged with Close', async () => {
    tell({ restart: refused });
    server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Close' }).click();
    await settled();
    expect(server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('leads to a new sheet with Try again', async () => {
    tell({ restart: refused });
    server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Try again' }).click();
    await settled();
    expect(server.requests.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
    expect(getByRole(page, 'dialog', { name: 'Restart this notebook instance?' })).toBeTruthy();
  });
});

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
    tell({ outcome });
    expect(texts(getByRole(notice(), 'list'))).toEqual([
      'Amazon Linux 2023.9 → Amazon Linux 2023.10',
      'JupyterLab 4.5.11 → 4.6.6'
    ]);
    expect(notice().textContent).toContain('6 min 22 s');
  });

  it('says that nothing did', () => {
    tell({ outcome: { ...outcome, outcome: 'unchanged', changes: [] } });
    expect(notice().textContent).toContain('Nothing changed.');
  });

  it('says what came back, what did not, and why', () => {
    const terminal = (name: string, detail: string) => ({
      kind: 'terminal',
      name,
      detail,
      count: 1
    });
    const back = [
      { kind: 'workspaces', name: 'workspaces', detail: '', count: 6 },
      { kind: 'settings', name: 'user-settings', detail: '', count: 3 },
      { kind: 'files', name: 'git', detail: '', count: 1 }
    ];
    tell({ outcome, desk: desk({ back }) });
    const open = notice();
    const missing = [
      { kind: 'terminal', name: '3', code: 'folder-gone', detail: '~/scratch' },
      { kind: 'files', name: 'aws', code: 'secret', detail: '.aws/config' }
    ];
    tell({ desk: desk({ back: [...back, terminal('1', '~/data'), terminal('2', '~')], missing }) });
    expect(notice()).toBe(open); // terminals come later than the page
    expect(texts(getByRole(open, 'list', { name: 'What came back' }))).toEqual([
      '6 documents reopened',
      '2 terminals in their folders – ~/data, ~',
      'Your settings',
      'Files that you keep – Git settings'
    ]);
    expect(texts(getByRole(open, 'list', { name: 'What did not come back' }))).toEqual([
      'Terminal 3 – its folder ~/scratch is gone; it is open in the nearest one above',
      'AWS settings (~/.aws/config) – what is secret in it was left out'
    ]);
  });

  it('offers to put packages back, and shows how far that has come', async () => {
    tell({ outcome, packages: packages('offered', [{}]) });
    server.state = state({ revision: 9, outcome, packages: packages('running', [{}]) });
    getByRole(notice(), 'button', { name: 'Put back 1 package' }).click();
    await settled();
    expect(server.requests.at(-1)).toMatchObject({ method: 'PUT', path: 'nb-updater/packages' });
    expect(getByRole(notice(), 'progressbar')).toBeTruthy();
  });

  it('says nothing of packages where nobody has added any', () => {
    tell({ outcome });
    expect(queryByRole(notice(), 'region', { name: 'Added packages' })).toBeNull();
    expect(queryByRole(notice(), 'checkbox')).toBeNull();
  });

  it('tells whoever wants to know that a dialog has opened, and that it has gone', () => {
    const turns: boolean[] = [];
    flow.dialogChanged.connect(() => {
      turns.push(flow.isOpen);
    });
    tell({ outcome });
    tell({ outcome: null });
    expect(turns).toEqual([true, false]);
  });

  it('by hand, the packages are found in the palette', async () => {
    tell({ packages: packages('offered', [{}]) });
    flow.showAddedPackages();
    await settled();
    expect(getByRole(page, 'dialog', { name: 'Added packages' })).toBeTruthy();
    press('Escape');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  it('is acknowledged with Close', async () => {
    tell({ outcome });
    server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Close' }).click();
    await settled();
    expect(server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });
});

describe('why', () => {
  it('lists each signal with its facts and its source, and goes with Escape', async () => {
    flow.explain();
    await settled();
    const dialog = getByRole(page, 'dialog', { name: 'Why restart this notebook instance?' });
    expect(dialog.textContent).toContain('It has run for 34 days');
    expect(getByRole<HTMLAnchorElement>(dialog, 'link').href).toContain('docs.aws.amazon.com');
    press('Escape');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  it('offers to end the hold, and goes when that is done', async () => {
    const hold = { by: 'ana', reason: 'x', until: '2026-11-24T14:02:11Z', since: NOW };
    tell({ hold });
    flow.explain();
    await settled();
    server.state = state({ revision: 9 });
    getByRole(page, 'button', { name: 'End the hold' }).click();
    await settled();
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: 'nb-updater/hold' });
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(model.state?.hold).toBeNull();
  });

  it('links to https only', async () => {
    const [signal] = state().advice.signals;
    const advice = {
      ...state().advice,
      signals: signal ? [{ ...signal, link: 'javascript:0' }] : []
    };
    server.state = state({ revision: 2, advice });
    model.update(server.state);
    flow.explain();
    await settled();
    expect(queryByRole(page, 'link')).toBeNull();
  });
});

describe('when the surfaces do not come at first', () => {
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
    flow.dispose();
    flow = new DialogManager(model, new Api(server.settings), new Language(null), reload, load);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks for them until they are here, and then no more', async () => {
    void flow.loadUi();
    await vi.advanceTimersByTimeAsync(12_000);
    come();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(4);
    flow.confirmRestart();
    await vi.advanceTimersByTimeAsync(0);
    expect(getByRole(page, 'dialog')).toBeTruthy();
  });

  it('asks for nothing any more once it is gone', async () => {
    void flow.loadUi();
    flow.dispose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('tells what a restart brought as soon as it can', async () => {
    const times = { requested: NOW, expected: NOW, returned: NOW, seconds: 0 };
    tell({ outcome: { id: 'r-1', outcome: 'unchanged', ...times, changes: [] } });
    await vi.advanceTimersByTimeAsync(6000);
    expect(queryByRole(page, 'dialog')).toBeNull();
    come();
    await vi.advanceTimersByTimeAsync(5000);
    expect(getByRole(page, 'dialog', { name: 'Restarted' })).toBeTruthy();
  });

  it('takes no input while a restart runs, and can still be called off', async () => {
    tell({ restart: restart('saving') });
    const dialog = getByRole<HTMLDialogElement>(page, 'alertdialog', { name: 'Restarting' });
    expect(dialog.open).toBe(true);
    expect(press('s', { ctrlKey: true }).defaultPrevented).toBe(true);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(getByRole(page, 'alertdialog')).toBe(dialog); // not shown anew with every attempt
    server.state = state({ revision: 9 });
    getByRole(dialog, 'button', { name: 'Cancel' }).click();
    vi.useRealTimers();
    await settled();
    expect(server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('tells where the restart is as soon as it can', async () => {
    tell({ restart: restart('saving') });
    come();
    await vi.advanceTimersByTimeAsync(5000);
    expect(getByRole(page, 'status').textContent).toContain('Saving every document');
  });

  it('leaves a way out of a page that changed after it was saved', async () => {
    tell({ restart: restart('stopping') });
    model.update(state({ boot_id: 'boot-2' }));
    flow.askForReload();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(queryByRole(page, 'button', { name: 'Cancel' })).toBeNull();
    getByRole(page, 'button', { name: 'Reload' }).click();
    expect(reload).toHaveBeenCalledOnce();
  });
});

it('a tab that comes late sees what the others see', () => {
  expect(dialogFor(state({ restart: restart('stopping') }), false).kind).toBe('running');
  expect(dialogFor(state({ restart: restart('failed') }), false).kind).toBe('refused');
  expect(dialogFor(state({ restart: restart('waiting') }), false).kind).toBe('none');
  expect(dialogFor(state({ restart: restart('verifying') }), false).kind).toBe('none');
  expect(dialogFor(null, false).kind).toBe('none');
});

describe('a page that is not there yet', () => {
  it('shows that a restart runs, and no notice before it is up', async () => {
    flow.dispose();
    let isUp!: () => void;
    const up = new Promise<void>(resolve => (isUp = resolve));
    flow = new DialogManager(
      model,
      new Api(server.settings),
      new Language(null),
      reload,
      () =>
        surfacesWith(work => {
          work();
        }),
      up
    );
    await flow.loadUi();
    tell({ restart: restart('refused', { id: 'r1' }) });
    expect(queryByRole(page, 'alertdialog', { name: 'Not restarted' })).toBeNull();
    tell({ restart: restart('saving') });
    expect(getByRole(page, 'alertdialog', { name: 'Restarting' })).toBeTruthy();
    tell({ restart: restart('refused', { id: 'r1' }) });
    expect(flow.isOpen).toBe(false);
    isUp();
    await settled();
    expect(getByRole(page, 'alertdialog', { name: 'Not restarted' })).toBeTruthy();
  });
});
