import { describe, expect, it } from 'vitest';

import { Language } from '../src/i18n/language';
import { notRestoredItem, outcomeSentence } from '../src/i18n/restarted';
import { NOW } from './helpers/states';

const language = new Language(null);

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
    expect(sentence).toContain('someone started it');
    expect(sentence).toContain(`by ${language.dateTime(outcome.expected)}`);
    expect(sentence).toContain(`started at ${language.dateTime(outcome.returned)}`);
  });

  it('says no time that it does not know', () => {
    expect(outcomeSentence(language, { ...outcome, expected: null })).toBe(
      'The instance did not start automatically: someone started it.'
    );
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

  it('is explained in the log where its code is one of a newer server', () => {
    const missing = { kind: 'files', name: 'restore.json', code: 'failed-anew', detail: '' };
    expect(notRestoredItem(language, missing)).toEqual([
      'Session state',
      'the log of the Jupyter server says why'
    ]);
  });
});
