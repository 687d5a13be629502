import { describe, expect, it } from 'vitest';

import { Language } from '../src/i18n/language';
import { stopKnowledge, waitHint } from '../src/i18n/progress';
import type { Phase } from '../src/server/protocol';
import { restart } from './helpers/states';

const language = new Language(null);

it('says nothing to do before there is something to do', () => {
  const first = restart('away');
  expect(waitHint(language, 10, first)).toBeNull();
  expect(waitHint(language, 100, first)?.text).toContain('3 to 10 minutes');
  expect(waitHint(language, 10, restart('away', { stops_only: true }))?.text).toContain(
    'someone has started the instance'
  );
});

it('says how long it usually takes here, and after that what to do', () => {
  const known = (seconds: number, usual: number) =>
    waitHint(language, seconds, restart('away', { usual_seconds: usual }));
  expect(known(5, 243)?.text).toContain('usually takes about 4 minutes here.');
  expect(known(5, 60)?.text).toContain('about 1 minute here');
  expect(known(5, 20)?.text).toContain('less than a minute');
  expect(known(360, 243)).toMatchObject({ isLong: false });
  expect(known(365, 243)).toMatchObject({ isLong: true });
  expect(known(79, 20)).toMatchObject({ isLong: false }); // a minute more is nothing yet
  expect(known(365, 243)?.text).toContain('open Jupyter from the console');
});

describe('a restart that failed', () => {
  const known = (code: string, subject: string, phase: Phase = 'failed') =>
    stopKnowledge(restart(phase, { findings: [{ code, subject, detail: null, action: null }] }));

  it.each([
    ['unreachable', 'StopNotebookInstance'],
    ['aws-error', 'StopNotebookInstance'],
    ['timeout', 'stopping'],
    ['timeout', 'away'],
    ['interrupted', 'stopping'],
    ['unexpected', 'stopping'],
    ['stop-not-carried-out', 'InService']
  ])('may still stop the instance after %s of %s', (code, subject) => {
    expect(known(code, subject)).toBe('possible');
  });

  it.each([
    ['throttled', 'StopNotebookInstance'],
    ['access-denied', 'StopNotebookInstance'],
    ['timeout', 'arming'],
    ['unreachable', 'AddTags'],
    ['journal-not-written', '/journal.jsonl']
  ])('stopped nothing after %s of %s', (code, subject) => {
    expect(known(code, subject)).toBe('not-requested');
  });

  it('stopped nothing when it was refused, and has restarted when only the check failed', () => {
    expect(known('timeout', 'saving', 'refused')).toBe('not-requested');
    expect(known('timeout', 'verifying')).toBe('restarted');
  });
});
