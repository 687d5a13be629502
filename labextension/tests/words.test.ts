import { describe, expect, it } from 'vitest';

import { lostItem, riskItem } from '../src/i18n/confirm';
import { findingText } from '../src/i18n/findings';
import { bytes } from '../src/i18n/format';
import { Language } from '../src/i18n/language';
import { waitHint } from '../src/i18n/progress';
import { notRestoredItem, outcomeSentence } from '../src/i18n/restarted';
import { NOW, loss, restart } from './helpers/states';

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
    'unsaved-elsewhere',
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

it.each([
  [5, '5 s'],
  [382, '6 min 22 s'],
  [7260, '2 h 1 min'],
  [-3, '0 s']
])('%d seconds are %s', (seconds, text) => {
  expect(language.duration(seconds)).toBe(text);
});

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [3_400_000_000, '3.4 GB'],
  [5e15, '5,000 TB']
])('%d bytes are %s', (count, text) => {
  expect(bytes(language, count)).toBe(text);
});

describe('a loss', () => {
  const now = Date.parse(NOW);
  const hourAgo = '2026-11-23T13:02:11Z';

  it.each([
    [
      { busy: true, since: hourAgo, detail: 'python3', memory: 1.2e9 },
      'The kernel of train.ipynb (python3)',
      'busy for 1 h 0 min: its computation is cut off; 1.2 GB of memory'
    ],
    [{}, 'The kernel of train.ipynb', 'idle: its variables are lost'],
    [
      { kind: 'terminal', name: '1', busy: true, since: hourAgo, detail: 'sleep 9999' },
      'sleep 9999 in terminal 1',
      'running for 1 h 0 min'
    ],
    [{ kind: 'terminal', name: '1', detail: '' }, 'Terminal 1', 'nothing runs in it'],
    [
      { kind: 'process', name: 'python train.py', busy: true, since: hourAgo },
      'python train.py',
      'in the background for 1 h 0 min'
    ],
    [{ kind: 'files', name: '~/data', detail: '12', size: 3.4e9 }, '~/data', '12 files, 3.4 GB'],
    [
      { kind: 'packages', name: 'python3', detail: 'numpy 2.1.0' },
      'Packages added to python3',
      'numpy 2.1.0; can be put back after the restart'
    ],
    [
      { kind: 'packages', name: 'JupyterSystemEnv', detail: 'numpy 2.1.0' },
      'Packages added to JupyterSystemEnv',
      'numpy 2.1.0'
    ],
    [{ kind: 'schedule', name: '0 * * * * fit' }, 'The scheduled job 0 * * * * fit', ''],
    [{ kind: 'something-new', name: 'x' }, 'x', '']
  ])('%o is called %s', (over, name, remark) => {
    expect(lostItem(language, loss(over), now)).toEqual([name, remark]);
  });
});

it('has no words for a day that there is not', () => {
  expect(language.date(null)).toBe('');
  expect(language.dateTime('yesterday')).toBe('');
});

it('says nothing to do before there is something to do', () => {
  const first = restart('away');
  expect(waitHint(language, 10, first)).toBeNull();
  expect(waitHint(language, 100, first)?.text).toContain('3 to 10 minutes');
  expect(waitHint(language, 10, restart('away', { stops_only: true }))?.text).toContain(
    'someone has started it'
  );
});

it('says how long it usually takes here, and after that what to do', () => {
  const known = (seconds: number, usual: number) =>
    waitHint(language, seconds, restart('away', { usual_seconds: usual }));
  expect(known(5, 243)?.text).toContain('Usually about 4 minutes here.');
  expect(known(5, 60)?.text).toContain('about 1 minute here');
  expect(known(5, 20)?.text).toContain('less than a minute');
  expect(known(360, 243)).toMatchObject({ isLong: false });
  expect(known(365, 243)).toMatchObject({ isLong: true });
  expect(known(79, 20)).toMatchObject({ isLong: false }); // a minute more is nothing yet
  expect(known(365, 243)?.text).toContain('open the notebook from the console');
});

describe('after a restart', () => {
  const outcome = {
    id: 'r-1',
    outcome: 'failed-to-return',
    requested: NOW,
    expected: '2026-11-23T15:02:11Z',
    returned: '2026-11-24T08:30:00Z',
    seconds: 66_469,
    changes: []
  };

  it('that nobody of ours brought back, it says when it was expected and when it came', () => {
    const sentence = outcomeSentence(language, outcome);
    expect(sentence).toContain('someone else started it');
    expect(sentence).toContain(`by ${language.dateTime(outcome.expected)}`);
    expect(sentence).toContain(`at ${language.dateTime(outcome.returned)}`);
  });

  it('says no time that it does not know', () => {
    expect(outcomeSentence(language, { ...outcome, expected: null })).toBe(
      'The instance did not come back by itself: someone else started it.'
    );
  });
});

describe('a risk', () => {
  it.each([
    ['start-was-slow', '251', '300', '4 min 11 s', 'after 5 minutes'],
    ['volume-nearly-full', '/volume', '12582912', 'nearly full (12.6 MB free)', 'make room first'],
    ['restarted-recently', '2026-11-23T13:50:00Z', '', 'only at Nov 23, 2026', 'hardly needed'],
    ['something-new', 'a thing', '', 'At risk: a thing', '']
  ])('says what %s means', (code, subject, detail, text, remark) => {
    const words = riskItem(language, { code, subject, detail });
    expect(words[0]).toContain(text);
    expect(words[1]).toContain(remark);
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

describe('what did not come back', () => {
  it.each([
    ['workspaces', 'a.jupyterlab-workspace', 'broken', 'A layout (a.jupyterlab-workspace)'],
    ['settings', 'plugin.jupyterlab-settings', 'exists', 'Settings (plugin.jupyterlab-settings)'],
    ['files', '.gitconfig', 'too-large', 'Git settings (~/.gitconfig)'],
    ['files', '.gitconfig', 'too-many', 'Git settings (~/.gitconfig)'],
    ['files', '', 'not-readable', 'Git settings'],
    ['files', '', 'unreadable', 'Git settings'],
    ['files', '.gitconfig', 'not-written', 'Git settings (~/.gitconfig)'],
    ['files', '.gitconfig', 'not-plain', 'Git settings (~/.gitconfig)'],
    ['terminal', '', 'no-terminals', 'Terminal git'],
    ['terminal', '~/x', 'not-opened', 'Terminal git'],
    ['terminal', '', 'failed', 'Terminal git'],
    ['something-new', 'x', 'unknown-format', 'git (x)']
  ])('of the kind %s (%s) because of %s is called %s', (kind, detail, code, name) => {
    const [text, reason] = notRestoredItem(language, { kind, name: 'git', code, detail });
    expect(text).toBe(name);
    expect(reason).not.toContain(code);
    expect(reason).not.toBe('');
  });

  it('is told by its code where ours do not know it', () => {
    const missing = { kind: 'files', name: 'desk.json', code: 'failed-anew', detail: '' };
    expect(notRestoredItem(language, missing)).toEqual(['The desk', 'failed-anew']);
  });
});
