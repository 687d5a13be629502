import { expect, it } from 'vitest';

import { Language } from '../src/i18n/language';
import { waitHint } from '../src/i18n/progress';
import { restart } from './helpers/states';

const language = new Language(null);

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
