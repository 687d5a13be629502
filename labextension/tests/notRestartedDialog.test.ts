import { Notification } from '@jupyterlab/apputils/lib/notification';
import { getAllByRole, getByRole, queryByRole, within } from '@testing-library/dom';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Language } from '../src/i18n/language';
import { RefusalNotification } from '../src/ui/notRestartedDialog';
import { TestTab, page, texts, testTab } from './helpers/dialogs';
import { settled } from './helpers/server';
import { restart, state } from './helpers/states';

const tab = testTab();

describe('a restart that did not happen', () => {
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

  it('names each thing that was in the way, one line each', async () => {
    await tab.ask(refused);
    const [document_, permission, ...rest] = texts(getByRole(notice(), 'list'));
    expect(document_).toContain('b.py has unsaved changes, but the file is read-only.');
    expect(permission).toContain('sagemaker:StopNotebookInstance');
    expect(rest).toEqual([]);
  });

  it('shows text from outside as text', async () => {
    await tab.ask(refused);
    expect(notice().querySelector('img')).toBeNull();
    expect(notice().textContent).toContain('<img src=x');
  });

  it('is acknowledged with Close', async () => {
    await tab.ask(refused);
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Close' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('leads to a new question with Try again', async () => {
    await tab.ask(refused);
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Try again' }).click();
    await settled();
    expect(tab.server.requests.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
    expect(getByRole(page, 'dialog', { name: 'Restart this notebook instance?' })).toBeTruthy();
  });

  it('opens a document and its rescue copy beside each other, and goes', async () => {
    const copy = 'b.unsaved-20261123T140211Z.py';
    await tab.ask(
      restart('refused', {
        findings: [{ code: 'document-rescued', subject: 'b.py', detail: copy, action: null }]
      })
    );
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Open both' }).click();
    await settled();
    expect(tab.openFiles).toHaveBeenCalledExactlyOnceWith(['b.py', copy]);
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('says that the instance may still stop when the stop was requested', async () => {
    const unanswered = { code: 'unreachable', subject: 'StopNotebookInstance' };
    await tab.ask(restart('failed', { findings: [{ ...unanswered, detail: null, action: null }] }));
    expect(notice().textContent).toContain('was asked to stop the instance and may still do so');
    expect(notice().textContent).not.toContain('Nothing was stopped');
  });

  it('is called a stop where nobody starts the instance again', async () => {
    await tab.ask(restart('refused', { stops_only: true }));
    expect(getByRole(page, 'alertdialog', { name: 'Not stopped' }).textContent).toContain(
      'Nothing was stopped.'
    );
  });
});

describe('a restart that another page asked for', () => {
  const refused = restart('refused', { id: 'r-2', by: 'ben' });
  const notice = () => queryByRole(page, 'alertdialog', { name: 'Not restarted' });

  it('opens nothing here when it did not happen', () => {
    tab.tell({ restart: restart('preflight', { id: 'r-2' }) });
    tab.tell({ restart: refused });
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('leaves the way free to a restart from here', async () => {
    tab.tell({ restart: refused });
    tab.dialogs.confirmRestart();
    await settled();
    expect(getByRole(page, 'dialog', { name: 'Restart this notebook instance?' })).toBeTruthy();
  });

  it('says why it did not when somebody asks, and stays to be read in the other page', async () => {
    tab.tell({ restart: refused });
    tab.dialogs.explainRefusal();
    const dialog = notice();
    expect(dialog).toBeTruthy();
    within(dialog ?? page)
      .getByRole('button', { name: 'Close' })
      .click();
    await settled();
    expect(notice()).toBeNull();
    expect(tab.server.requests).toEqual([]);
  });

  it('opens in the one of two pages that asked', async () => {
    const other = new TestTab();
    await other.open();
    await tab.ask(refused);
    other.server.push({ restart: refused });
    other.model.update(other.server.state);
    expect(getAllByRole(page, 'alertdialog')).toHaveLength(1);
    expect(tab.dialogs.isOpen).toBe(true);
    expect(other.dialogs.isOpen).toBe(false);
    other.dialogs.dispose();
  });
});

describe('a restart that nobody watched', () => {
  it('opens nothing, and is acknowledged for everybody when somebody has read why', async () => {
    await tab.ask(restart('refused', { when: 'idle' }));
    expect(queryByRole(page, 'alertdialog')).toBeNull();
    tab.dialogs.explainRefusal();
    tab.server.state = state({ revision: 9 });
    getByRole(page, 'button', { name: 'Close' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });
});

describe('the notification of a restart that did not happen', () => {
  const show = vi.fn();
  let notification: RefusalNotification;
  const shown = () => Notification.manager.notifications;

  beforeEach(() => {
    Notification.dismiss();
    show.mockReset();
    notification = new RefusalNotification(tab.model, new Language(null), Notification, show);
    tab.model.changed.connect(() => {
      notification.refresh();
    });
  });

  it('waits in the list of notifications when another page asked, with a way to the reasons', () => {
    tab.tell({ restart: restart('refused', { id: 'r-2' }) });
    const [only, ...more] = shown();
    expect(more).toEqual([]);
    expect(only?.message).toBe('The restart that someone requested did not happen.');
    expect(only?.options.autoClose).toBe(0);
    only?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(show).toHaveBeenCalledOnce();
  });

  it('comes into sight when nobody watched, or when the instance may still stop', () => {
    tab.tell({ restart: restart('refused', { id: 'r-2', when: 'idle' }) });
    expect(shown()[0]?.options.autoClose).toBe(false);
    const accepted = { code: 'stop-not-carried-out', subject: 'InService' };
    const findings = [{ ...accepted, detail: null, action: null }];
    tab.tell({ restart: restart('failed', { id: 'r-3', findings }) });
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.message).toContain('may still stop');
    expect(shown()[0]?.options.autoClose).toBe(false);
  });

  it('is not for the page that asked, and goes when somebody has acknowledged the end', async () => {
    await tab.ask(restart('refused', { id: 'r-2' }));
    expect(shown()).toEqual([]);
    tab.tell({ restart: restart('refused', { id: 'r-3' }) });
    expect(shown()).toHaveLength(1);
    tab.tell({ restart: restart('idle', { id: null }) });
    expect(shown()).toEqual([]);
  });
});
