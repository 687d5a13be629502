import { describe, expect, it } from 'vitest';

import { findingText } from '../src/i18n/findings';
import { Language } from '../src/i18n/language';

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
      'a.ipynb was saved by two tabs at once: one went over the other.'
    ],
    ['failed deleted: the file is gone', 'a.ipynb is open, but no longer on disk.'],
    [
      'read-only the file cannot be written',
      'a.ipynb has unsaved changes, but may not be written.'
    ],
    ['timeout the save did not end (15 s)', 'a.ipynb could not be saved in time.'],
    ['unverified', 'a.ipynb was saved, but its file does not hold what you see.'],
    ['failed No space left on device', 'a.ipynb could not be saved.']
  ])('says of "%s": %s', (detail, text) => {
    expect(words('document-not-saved', detail).text).toBe(text);
  });

  it("shows the machine's own words where ours do not say it all", () => {
    expect(words('document-not-saved', 'failed No space left on device').detail).toBe(
      'No space left on device'
    );
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
    'return-path-missing',
    'wrong-state',
    'throttled',
    'unreachable',
    'journal-not-written',
    'timeout',
    'interrupted',
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
