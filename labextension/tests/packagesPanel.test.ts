import { getAllByRole, getByRole, getByText, queryByRole } from '@testing-library/dom';
import { afterEach, describe, expect, it } from 'vitest';

import { Language } from '../src/i18n/language';
import { Api } from '../src/server/api';
import { UpdateModel } from '../src/server/model';
import type { IAddedPackage, IPackages } from '../src/server/protocol';
import { AddedPackagesDialog } from '../src/ui/packagesPanel';
import { Server, settled } from './helpers/server';
import { packages, state } from './helpers/states';

const page = document.body;
let server: Server;
let model: UpdateModel;
let dialog: AddedPackagesDialog;
/** Ends the time for which new buttons ignore clicks. */
let moment: () => void;

function open(part: IPackages): HTMLElement {
  server = new Server();
  server.state = state({ packages: part });
  model = new UpdateModel('lab', () => 0);
  model.update(server.state);
  dialog = new AddedPackagesDialog(new Language(null), model, new Api(server.settings), work => {
    moment = work;
  });
  dialog.open();
  moment();
  return getByRole(page, 'dialog', { name: 'Packages you installed' });
}

function tell(part: IPackages): void {
  server.push({ packages: part });
  model.update(server.state);
}

afterEach(() => {
  dialog.dispose();
});

const texts = (node: HTMLElement) =>
  getAllByRole(node, 'listitem').map(({ textContent }) => textContent);
const names = () => getAllByRole(page, 'button').map(({ textContent }) => textContent);
const two = [{}, { name: 'humanize', version: '4.9.0' }];

describe('packages to reinstall', () => {
  it('are named with their versions, by environment, and counted on the button', () => {
    const shown = open(packages('available', two));
    expect(names()).toEqual(['Close', 'Reinstall 2 packages']);
    expect(texts(getByRole(shown, 'list'))).toEqual(['tabulate 0.9.0 ', 'humanize 4.9.0 ']);
    expect(getByText(shown, 'python3')).toBeTruthy();
  });

  it('are asked for once, and shown to be on their way', async () => {
    const shown = open(packages('available', two));
    server.state = state({
      revision: 2,
      packages: packages('running', [{ state: 'reinstalled' }, { ...two[1], state: 'running' }])
    });
    const start = getByRole(shown, 'button', { name: 'Reinstall 2 packages' });
    start.click();
    start.click();
    await settled();
    expect(server.requests).toEqual([{ method: 'PUT', path: 'nb-updater/packages', body: {} }]);
    const bar = getByRole<HTMLProgressElement>(shown, 'progressbar', {
      name: 'Reinstalling packages'
    });
    expect([bar.value, bar.max]).toEqual([1, 2]);
    expect(getByText(shown, '2 of 2: humanize 4.9.0 in python3')).toBeTruthy();
    expect(names()).toEqual(['Stop', 'Close']);
  });

  it('take no second click that was meant for the button before', async () => {
    const shown = open(packages('running', two));
    tell(packages('available', two));
    tell(packages('running', two));
    getByRole(shown, 'button', { name: 'Stop' }).click();
    await settled();
    expect(server.requests).toEqual([]);
    moment();
    getByRole(shown, 'button', { name: 'Stop' }).click();
    await settled();
    expect(server.requests).toEqual([
      { method: 'DELETE', path: 'nb-updater/packages', body: null }
    ]);
  });

  it('are announced when they begin and when they end, not one by one', () => {
    const shown = open(packages('running', two));
    const status = getByRole(shown, 'status');
    const before = status.firstChild;
    tell(packages('running', [{ state: 'reinstalled' }, { ...two[1], state: 'running' }]));
    expect(status.firstChild).toBe(before);
    tell(
      packages(
        'done',
        two.map(added => ({ ...added, state: 'reinstalled' }))
      )
    );
    expect(status.textContent).toBe('All 2 packages were reinstalled.');
    expect(queryByRole(shown, 'progressbar')).toBeNull();
    expect(names()).toEqual(['Close']);
  });

  it('keep what was unfolded, and the focus, while they come back', () => {
    const many = Array.from({ length: 200 }, (_, number) => ({ name: `package-${number}` }));
    const shown = open(packages('running', many));
    const details = shown.querySelector('details');
    expect(details?.open).toBe(false);
    if (details) {
      details.open = true;
    }
    const close = getByRole(shown, 'button', { name: 'Close' });
    close.focus();
    tell(
      packages(
        'running',
        many.map(added => ({ ...added, state: 'reinstalled' }))
      )
    );
    expect(shown.querySelector('details')).toBe(details);
    expect(details?.open).toBe(true);
    expect(document.activeElement).toBe(close);
    expect(details?.textContent).toContain('200 of 200 reinstalled');
  });

  it('go on when the dialog is closed', async () => {
    open(packages('running', two));
    getByRole(page, 'button', { name: 'Close' }).click();
    await settled();
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(server.requests).toEqual([]);
  });

  it('may be reinstalled automatically from now on, which begins nothing', async () => {
    const shown = open(packages('available', two));
    server.state = state({
      revision: 2,
      packages: { ...packages('available', two), automatic: true }
    });
    const box = getByRole<HTMLInputElement>(shown, 'checkbox', {
      name: 'Reinstall automatically after each restart from now on'
    });
    box.click();
    await settled();
    expect(server.requests).toEqual([
      { method: 'PATCH', path: 'nb-updater/packages', body: { automatic: true } }
    ]);
    expect(box.checked).toBe(true);
  });

  it('say why not, and what is true stays ticked, when the server does not want to', async () => {
    const shown = open(packages('available', two));
    server.answerInstead = { status: 409, body: '{"code": "x", "message": "no room"}' };
    const box = getByRole<HTMLInputElement>(shown, 'checkbox');
    box.click();
    await settled();
    expect(getByRole(shown, 'alert').textContent).toBe('The server refused: no room');
    expect(box.checked).toBe(false);
  });

  it('are not taken for a restart when another page has begun already', async () => {
    const shown = open(packages('available', two));
    server.answerInstead = { status: 409, body: '{"code": "reinstall-running", "message": ""}' };
    getByRole(document.body, 'button', { name: 'Reinstall 2 packages' }).click();
    await settled();
    expect(getByRole(shown, 'alert').textContent).toBe('Packages are already being reinstalled.');
  });

  it('are none when there are none', () => {
    const shown = open(packages('none', []));
    expect(getByRole(shown, 'status').textContent).toBe('There are no packages to reinstall.');
    expect(names()).toEqual(['Close']);
  });
});

describe('a package that is not reinstalled', () => {
  const failed = (over: Partial<IAddedPackage>) =>
    packages('done', [
      { state: 'reinstalled' },
      { name: 'numpy', version: '2.1.0', state: 'failed', ...over }
    ]);
  const line = (shown: HTMLElement) =>
    getByRole(getByRole(shown, 'list', { name: 'Not reinstalled' }), 'listitem');

  it.each([
    ['system-environment', '', 'Jupyter itself runs in this environment', ''],
    ['environment-gone', '/envs/mine', 'This environment was not found', '/envs/mine'],
    ['no-python', '/envs/mine', 'no Python of its own', '/envs/mine'],
    ['conda', 'conda install numpy=2.1.0', 'run this in a terminal', 'conda install numpy=2.1.0'],
    ['path-gone', '/tmp/mine', 'no longer exists', '/tmp/mine'],
    ['timeout', '600', 'longer than 10 min', ''],
    ['incomplete', '', 'the package is not installed', ''],
    ['pip', 'No matching distribution', 'pip reported an error', 'No matching distribution'],
    ['a-code-of-a-newer-server', 'its own words', 'the Jupyter server', 'its own words'],
    ['a-code-of-a-newer-server', '', 'the Jupyter server', '']
  ])('because of %s (%o) is named with its reason: %s', (code, detail, reason, told) => {
    const shown = line(open(failed({ code, detail })));
    expect(shown.textContent).toContain('numpy 2.1.0 in python3');
    expect(shown.textContent).toContain(reason);
    expect(shown.querySelector('code')?.textContent ?? '').toBe(told);
  });

  it('is shown as text, whatever it is called', () => {
    const shown = open(failed({ code: 'pip', name: '<img src=x>', detail: '<b>no</b>' }));
    expect(shown.querySelector('img, b')).toBeNull();
    expect(line(shown).textContent).toContain('<b>no</b>');
  });

  it('is told once with the others that one reason has stopped', () => {
    const gone = { state: 'failed', code: 'environment-gone', detail: '/envs/mine' };
    const shown = open(packages('done', [gone, { ...gone, name: 'numpy', version: '2.1.0' }]));
    expect(line(shown).textContent).toContain('tabulate 0.9.0 and numpy 2.1.0 in python3');
  });

  it('may be tried again where that may help, and only there', () => {
    open(failed({ code: 'pip' }));
    expect(names()).toEqual(['Close', 'Try again']);
    tell(failed({ code: 'conda' }));
    expect(names()).toEqual(['Close']);
  });
});
