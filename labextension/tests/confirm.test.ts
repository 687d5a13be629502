import { describe, expect, it } from 'vitest';

import { lostItem, riskItem } from '../src/i18n/confirm';
import { Language } from '../src/i18n/language';
import { NOW, loss } from './helpers/states';

const language = new Language(null);

describe('a loss', () => {
  const now = Date.parse(NOW);
  const hourAgo = '2026-11-23T13:02:11Z';

  it.each([
    [
      { busy: true, since: hourAgo, detail: 'python3', memory: 1.2e9 },
      'Kernel of train.ipynb (python3)',
      'busy for 1 hr · computation is lost · 1.2 GB of memory'
    ],
    [{}, 'Kernel of train.ipynb', 'idle: its variables are lost'],
    [
      { kind: 'terminal', name: '1', busy: true, since: hourAgo, detail: 'sleep 9999' },
      'sleep 9999 in terminal 1',
      'running for 1 hr'
    ],
    [{ kind: 'terminal', name: '1', detail: '' }, 'Terminal 1', 'no program is running'],
    [
      { kind: 'process', name: 'python train.py', busy: true, since: hourAgo },
      'python train.py',
      'running in the background for 1 hr'
    ],
    [{ kind: 'files', name: '~/data', detail: '12', size: 3.4e9 }, '~/data', '12 files · 3.4 GB'],
    [
      { kind: 'packages', name: 'python3', detail: 'numpy 2.1.0' },
      'Packages you installed in python3',
      'numpy 2.1.0 · can be reinstalled after the restart'
    ],
    [
      { kind: 'packages', name: 'JupyterSystemEnv', detail: 'numpy 2.1.0' },
      'Packages you installed in JupyterSystemEnv',
      'numpy 2.1.0'
    ],
    [{ kind: 'schedule', name: '0 * * * * fit' }, 'Scheduled job: 0 * * * * fit', ''],
    [{ kind: 'something-new', name: 'x' }, 'x', '']
  ])('%o is called %s', (over, name, remark) => {
    expect(lostItem(language, loss(over), now)).toEqual([name, remark]);
  });
});

describe('a risk', () => {
  it.each([
    ['start-was-slow', '251', '300', '4 min 11 sec', 'after 5 min'],
    [
      'volume-nearly-full',
      '/volume',
      '12582912',
      'nearly full (12.6 MB free)',
      'Free some space first'
    ],
    ['restarted-recently', '2026-11-23T13:50:00Z', '', 'restarted on Nov 23, 2026', ''],
    ['something-new', 'a thing', '', 'another risk', 'a thing'],
    ['something-new', '', '', 'another risk', 'jupyter nb-updater doctor']
  ])('says what %s means', (code, subject, detail, text, remark) => {
    const words = riskItem(language, { code, subject, detail });
    expect(words[0]).toContain(text);
    expect(words[1]).toContain(remark);
  });
});
