import { getByRole, queryByRole, within } from '@testing-library/dom';
import { describe, expect, it } from 'vitest';

import { page, texts, testTab } from './helpers/dialogs';
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

  it('names each thing that was in the way, one line each', () => {
    tab.tell({ restart: refused });
    const [document_, permission, ...rest] = texts(getByRole(notice(), 'list'));
    expect(document_).toContain('b.py has unsaved changes, but may not be written.');
    expect(permission).toContain('sagemaker:StopNotebookInstance');
    expect(rest).toEqual([]);
  });

  it('shows text from outside as text', () => {
    tab.tell({ restart: refused });
    expect(notice().querySelector('img')).toBeNull();
    expect(notice().textContent).toContain('<img src=x');
  });

  it('is acknowledged with Close', async () => {
    tab.tell({ restart: refused });
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Close' }).click();
    await settled();
    expect(tab.server.requests.at(-1)?.method).toBe('DELETE');
    expect(queryByRole(page, 'alertdialog')).toBeNull();
  });

  it('leads to a new question with Try again', async () => {
    tab.tell({ restart: refused });
    tab.server.state = state({ revision: 9 });
    within(notice()).getByRole('button', { name: 'Try again' }).click();
    await settled();
    expect(tab.server.requests.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
    expect(getByRole(page, 'dialog', { name: 'Restart this notebook instance?' })).toBeTruthy();
  });
});
