import { describe, expect, it } from 'vitest';

import { findingText, requestErrorText } from '../src/i18n/findings';
import { Language } from '../src/i18n/language';
import { ApiError } from '../src/server/api';

const language = new Language(null);

function words(code: string, detail = '', over: { subject?: string; action?: string } = {}) {
  const { subject = 'a.ipynb', action = null } = over;
  return findingText(language, { code, subject, detail, action });
}

describe('a finding', () => {
  it.each([
    ['failed conflict: the file was changed', 'a.ipynb was changed on disk by something else.'],
    [
      'failed overwritten: another tab saved over it',
      'a.ipynb was saved by two browser tabs at once: one replaced the other.'
    ],
    ['failed deleted: the file is gone', 'a.ipynb is open, but no longer on disk.'],
    [
      'read-only the file cannot be written',
      'a.ipynb has unsaved changes, but the file is read-only.'
    ],
    ['timeout the save did not end (15 s)', 'a.ipynb could not be saved in time.'],
    ['failed no-space: [Errno 28] x', 'a.ipynb could not be saved: the volume is full.'],
    ['failed: no-space: found by the server', 'a.ipynb could not be saved: the volume is full.'],
    ['failed permission: Permission denied', 'a.ipynb could not be saved: permission denied.'],
    [
      "failed encoding: codec can't encode",
      'a.ipynb could not be saved: some characters cannot be encoded.'
    ],
    [
      'failed hook: no outputs here',
      'a.ipynb could not be saved: the Jupyter server or a save hook refused.'
    ],
    ['unverified', 'a.ipynb was saved, but the file does not hold what you see.'],
    ['failed No space left on device', 'a.ipynb could not be saved.']
  ])('says of "%s": %s', (detail, text) => {
    expect(words('document-not-saved', detail).text).toBe(text);
  });

  it("shows the machine's own words where ours do not say it all", () => {
    expect(words('document-not-saved', 'failed No space left on device').detail).toBe(
      'No space left on device'
    );
  });

  it('has advice of its own for each cause of a failed save', () => {
    const causes = ['no-space', 'permission', 'encoding', 'hook', 'folder', 'something-new'];
    const found = causes.map(cause => words('document-not-saved', `failed ${cause}: message`));
    expect(new Set(found.map(({ todo }) => todo)).size).toBe(causes.length);
    expect(found.map(({ detail }) => detail)).toEqual([
      ...['message', 'message', 'message', 'message', ''],
      'something-new: message'
    ]);
  });

  it.each(['preflight', 'saving', 'arming', 'stopping', 'away', 'waiting', 'a-newer-phase'])(
    'says in words that %s took too long, or was interrupted',
    phase => {
      for (const code of ['timeout', 'interrupted', 'unexpected']) {
        const { text, todo } = words(code, '', { subject: phase });
        expect(text).not.toContain(phase);
        expect(todo).not.toBe('');
      }
    }
  );

  it('shows no code of a return path or of a page', () => {
    expect(words('return-path-missing', '', { subject: 'stack' }).text).toBe(
      'Nothing is set up to start the instance again.'
    );
    expect(words('tab-silent', '', { subject: 'lab' }).text).toBe(
      'A browser tab with JupyterLab did not answer.'
    );
    expect(words('tab-gone', '', { subject: 'notebooks' }).text).toBe(
      'A browser tab with Notebook disconnected with unsaved changes.'
    );
  });

  it('points to the log where a newer server has a reason that these words do not know', () => {
    const { text, todo } = words('a-code-of-a-newer-server', '', { subject: '' });
    expect(text).toBe('Something is in the way.');
    expect(todo).toContain('log of the Jupyter server');
  });

  it('names the IAM action that is missing', () => {
    const action = 'sagemaker:StopNotebookInstance';
    expect(words('access-denied', '', { action }).text).toContain(action);
  });

  it.each([
    'document-rescued',
    'unsaved-widgets',
    'room-not-saved',
    'volume-not-synced',
    'busy-not-confirmed',
    'held',
    'tab-silent',
    'tab-gone',
    'losses-not-confirmed',
    'not-in-service',
    'wrong-state',
    'throttled',
    'unreachable',
    'journal-not-written',
    'stop-not-carried-out',
    'a-code-of-a-newer-server'
  ])('%s names what it is about and says what to do', code => {
    const { text, todo } = words(code, '', { subject: 'SUBJECT' });
    expect(text).toContain('SUBJECT');
    expect(todo).not.toBe('');
  });
});

describe('what keeps an instance from coming back', () => {
  it('is told with what to do', () => {
    const gone = words('lifecycle-config-missing', '', { subject: 'nb-updater' });
    expect(gone.text).toContain('nb-updater is gone');
    expect(gone.todo).toContain('attach another');
    const again = words('restarted-recently', '', { subject: '2026-11-23T13:50:00Z' });
    expect(again.text).toContain('Nov 23, 2026');
    expect(again.todo).toContain('later time');
  });
});

describe('a request that failed', () => {
  const said = (status: number, code: string, message = '', detail = '', isUndecided = false) =>
    requestErrorText(language, new ApiError(status, code, message, detail, isUndecided));

  it('may be carried out all the same when nothing answered', () => {
    expect(said(0, 'unreachable', '', '', true)).toBe(
      'The server did not answer in time. The request may still be carried out.'
    );
  });

  it.each([
    ['not-written', 'could not be written'],
    ['unknown-format', 'another version of this extension'],
    ['other-server', 'another Jupyter server of this volume'],
    ['a-code-of-a-newer-server', 'log of the Jupyter server']
  ])('says in words why a choice was not saved: %s', (detail, text) => {
    expect(said(409, 'not-saved', 'English', detail)).toContain(text);
    expect(said(409, 'not-saved', 'English', detail)).not.toContain(detail);
  });

  it.each(['already-running', 'too-late', 'reinstall-running', 'not-started'])(
    'says in words: %s',
    code => {
      expect(said(409, code, 'English')).not.toContain('English');
      expect(said(409, code, 'English')).not.toContain(code);
    }
  );

  it("has the server's own words for the rest", () => {
    expect(said(400, 'malformed', '"when" must be a time')).toContain('"when" must be a time');
  });
});
