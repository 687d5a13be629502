import { getAllByRole, getByRole, getByText, queryByRole, queryByText } from '@testing-library/dom';
import { afterEach, describe, expect, it } from 'vitest';

import { Language } from '../src/i18n/language';
import { Api } from '../src/server/api';
import { UpdateModel } from '../src/server/model';
import type { IAdvice, ISignalReport, IState } from '../src/server/protocol';
import type { Modal } from '../src/ui/modal';
import { whyDialog } from '../src/ui/whyDialog';
import { page, press, testTab } from './helpers/dialogs';
import { Server, settled } from './helpers/server';
import { NOW, advised, advisory, asking, policy, restart, state } from './helpers/states';

const language = new Language(null);
let modal: Modal | null = null;
let model: UpdateModel;

afterEach(() => {
  modal?.dispose();
});

/** Return the text of the dialog for a state, without white space between its parts. */
function dialog(advice: Partial<IAdvice>, over: Partial<IState> = {}): HTMLElement {
  modal?.dispose();
  model = new UpdateModel('lab', () => 0);
  const state = advised(advice, over);
  model.update(state);
  modal = whyDialog(language, model, new Api(new Server().settings), state);
  modal.open();
  return getByRole(document.body, 'dialog', { name: 'Why restart this notebook instance?' });
}

/** A row, unfolded as a person does it. */
function unfolded(open: HTMLElement, name: RegExp): HTMLElement {
  const row = getByRole(open, 'group', { name });
  expect(row.hasAttribute('open')).toBe(false);
  row.setAttribute('open', '');
  return row;
}

function about(name: string, over: Partial<ISignalReport> = {}): HTMLElement {
  return unfolded(dialog(asking({ name, ...over })), /Restart recommended|Unknown/);
}

const items = (list: HTMLElement) => [...list.querySelectorAll('li')].map(one => one.textContent);

it('shows a source that answers for the first time while it is open', () => {
  const open = dialog(asking({ name: 'age' }));
  const name = /^Operating system packages/;
  expect(queryByRole(open, 'group', { name })).toBeNull();
  const both = [asking({ name: 'age' }), asking({ name: 'os_release' })];
  model.update(advised({ signals: both.flatMap(({ signals }) => signals) }));
  expect(getByRole(open, 'group', { name })).toBeTruthy();
});

it('shows an advisory that is published while it is open', () => {
  const open = dialog(asking({ name: 'os_release', advisories: [advisory()] }));
  expect(queryByText(open, /ALAS2023-2026-9999/)).toBeNull();
  const later = [advisory(), advisory({ id: 'ALAS2023-2026-9999' })];
  model.update(advised(asking({ name: 'os_release', advisories: later })));
  expect(open.textContent).toContain('ALAS2023-2026-9999');
});

it('is not drawn again under the hand of whoever reads it, unless there is news', () => {
  const open = dialog(asking({ name: 'age' }));
  const drawn = getByRole(open, 'group', { name: /^Time since the last start/ });
  model.update(advised({ ...asking({ name: 'age', checked: '2026-12-19T09:00:00Z' }) }));
  expect(open.contains(drawn)).toBe(true);
});

describe('a row', () => {
  const open = (dialog: HTMLElement, name: RegExp) => {
    const row = unfolded(dialog, name);
    const [summary] = row.querySelectorAll('summary');
    summary?.focus();
    return row;
  };
  const two = (over: Partial<ISignalReport> = {}) => [
    ...asking({ name: 'age' }).signals,
    ...asking({ name: 'os_release', advisories: [advisory()], ...over }).signals
  ];
  const focused = () => document.activeElement?.textContent;

  it('has an icon and a word, and is folded until somebody asks', () => {
    const rows = getAllByRole(dialog({ signals: two() }), 'group');
    expect(rows.map(row => row.querySelector('summary')?.textContent)).toEqual([
      'Time since the last start Restart recommended',
      'Operating system packages For information',
      'AWS recommendation (no policy configured) '
    ]);
    for (const row of rows) {
      expect(row.hasAttribute('open')).toBe(false);
      expect(row.querySelector('summary .jp-NbUpdater-symbol')?.getAttribute('aria-hidden')).toBe(
        'true'
      );
    }
  });

  it('stays unfolded and keeps the focus while news arrives, also when another comes before it', () => {
    const shown = dialog({ signals: two().slice(1) });
    const before = open(shown, /^Operating system packages/);
    model.update(advised({ signals: two() }));
    const after = getByRole(shown, 'group', { name: /^Operating system packages/ });
    expect(after).not.toBe(before);
    expect(after.hasAttribute('open')).toBe(true);
    expect(focused()).toBe('Operating system packages For information');
    expect(getByRole(shown, 'group', { name: /^Time since/ }).hasAttribute('open')).toBe(false);
  });

  it('keeps the focus on its link, or on itself when the link is gone', () => {
    const shown = dialog({ signals: two() });
    const row = open(shown, /^Operating system packages/);
    getByRole(row, 'link', { name: 'ALAS2023-2026-1201' }).focus();
    model.update(advised({ signals: two({ evidence: { packages: 3 } }) }));
    expect(focused()).toBe('ALAS2023-2026-1201');
    model.update(advised({ signals: two({ advisories: [] }) }));
    expect(focused()).toBe('Operating system packages For information');
  });
});

describe('the verdict', () => {
  it('says how urgent it is, and until when', () => {
    expect(getByText(dialog({}), 'Restart recommended. Deadline: January 18, 2027.')).toBeTruthy();
    const over = dialog({ level: 'overdue' });
    expect(getByText(over, 'Restart overdue since January 18, 2027.')).toBeTruthy();
    expect(
      getByText(
        dialog({ level: 'unknown', deadline: null }),
        'Unknown whether a restart is needed.'
      )
    ).toBeTruthy();
  });

  it('says from when to when the deadline moved, and what did it', () => {
    const os = asking({ name: 'os_release', advisories: [advisory()] }, '2026-12-01T00:00:00Z');
    const text = dialog({
      ...os,
      deadline: '2026-12-01T00:00:00Z',
      moved_from: '2027-01-18T09:00:00Z'
    }).textContent;
    const [was, is] = ['2027-01-18T09:00:00Z', '2026-12-01T00:00:00Z'].map(at =>
      language.dateTime(at)
    );
    expect(text).toContain(
      `The deadline moved from ${was ?? ''} to ${is ?? ''}. Reason: Operating system packages: ALAS2023-2026-1201 (important).`
    );
  });

  it('counts the reminders', () => {
    const deferral = { until: '2026-11-23T18:00:00Z', count: 3 };
    expect(dialog({ deferral }).textContent).toContain('(postponed 3 times)');
  });

  it('says who holds it, that this is an exception, and that AWS waits for no hold', () => {
    const hold = {
      by: 'ana',
      verified: true,
      reason: 'training',
      until: '2026-11-24T18:00:00Z',
      since: NOW
    };
    const text = dialog({ exception: true, warnings: ['aws-interval'], plan: [] }, { hold });
    expect(text.textContent).toMatch(/On hold until .*\. Placed by ana\. Reason: training/);
    expect(text.textContent).toContain('Your organization can see this exception.');
    expect(text.textContent).toContain(
      'AWS may restart this instance at any time, despite the hold.'
    );
    expect(getByRole<HTMLButtonElement>(text, 'button', { name: 'End the hold' }).disabled).toBe(
      true // for a moment
    );
  });

  it('lists what a requested restart is waiting for', () => {
    const waiting_for = [{ id: 'quiet', kind: 'unknown', name: '', since: null }];
    const waits = restart('waiting', { when: 'idle', waiting_for });
    const list = getByRole(dialog({}, { restart: waits }), 'list', {
      name: 'The restart is waiting for'
    });
    expect(items(list)).toEqual(['a check of what is running']);
  });
});

describe('a signal', () => {
  it.each<[string, string, Record<string, unknown>, string]>([
    ['age', 'age-fresh', { days: 3, advised_days: 30 }, 'at least every 30 days.'],
    ['age', 'age-over-advised', { days: 34, advised_days: 30 }, 'AWS recommends a restart'],
    ['age', 'age-over-advised', { days: 12, advised_days: 10 }, 'a restart after 10 days.'],
    ['age', 'age-over-interval', { days: 95, interval_days: 90 }, 'AWS updates the software'],
    ['age', 'age-over-interval', { days: 61, interval_days: 60 }, 'The limit is 60 days.'],
    ['age', 'age-clock-implausible', {}, 'disagree'],
    ['age', 'age-fresh', { known_by: 'boot' }, 'A reboot resets it'],
    ['maintenance', 'maintenance-none', {}, 'AWS reports no pending maintenance.'],
    ['maintenance', 'maintenance-pending', {}, 'is pending'],
    ['maintenance', 'maintenance-running', {}, 'maintenance of this instance is in progress'],
    ['platform', 'platform-current', { platform: 'P' }, 'the newest platform, P'],
    [
      'platform',
      'platform-newer',
      { newest: 'Q' },
      'Q is newer. A restart does not change the platform.'
    ],
    [
      'platform',
      'platform-newer',
      { newest: 'Q', moves_to: 'Q' },
      'A restart moves the instance to Q.'
    ],
    [
      'platform',
      'platform-ends',
      { platform: 'P', ends: NOW },
      'AWS support for P ends on November 23'
    ],
    ['platform', 'platform-ended', { platform: 'P', ends: NOW }, 'AWS support for P ended on'],
    ['platform', 'platform-not-known', { platform: 'P' }, 'no information about the platform “P”'],
    ['os_release', 'os-newest', {}, 'No newer operating system packages'],
    ['os_release', 'os-newer', {}, 'without security advisories'],
    ['os_release', 'os-advisories', {}, 'Newer operating system packages are available'],
    ['os_release', 'os-no-dnf', {}, 'no dnf'],
    ['fleet', 'fleet-newest', {}, 'No instance that started later'],
    ['fleet', 'fleet-alone', {}, 'No other instance on this platform'],
    ['organization', 'organization-nothing', {}, 'has published no advisory'],
    ['organization', 'organization-advisories', {}, 'Your organization has published'],
    ['organization', 'organization-undecided', { undecided: ['a'] }, 'Unknown whether'],
    ['os_release', 'os-advisories', { advisories_total: 31 }, '31 security advisories'],
    ['organization', 'organization-no-document', {}, 'could not be read so far'],
    ['health', 'health-nothing', {}, 'lists no scheduled event'],
    ['health', 'health-scheduled', { begins: NOW }, 'scheduled for November 23, 2026'],
    ['health', 'health-no-plan', {}, 'support plan'],
    ['fleet', 'fleet-unreachable', { problem: 'no route' }, 'This source could not be reached.'],
    ['fleet', 'fleet-timeout', {}, 'This source did not answer in time.'],
    [
      'comet',
      'comet-seen',
      { tail: 'long' },
      'This source reported something that this version does not know.'
    ]
  ])('%s %s %j says: %s', (name, code, evidence, words) => {
    expect(about(name, { code, evidence }).textContent).toContain(words);
  });

  it('never says that SageMaker has a newer image', () => {
    for (const code of ['os-newer', 'os-advisories']) {
      expect(about('os_release', { code }).textContent).not.toMatch(/SageMaker|image/);
    }
  });

  it('names every difference to another instance', () => {
    const changes = [
      { name: 'jupyterlab', before: '4.5.11', after: '4.6.6' },
      { name: 'boto3', before: null, after: '1.40' }
    ];
    const evidence = { since: '2026-11-21T12:00:00Z', location: 's3://bucket/key', changes };
    const text = about('fleet', { code: 'fleet-newer', evidence }).textContent;
    expect(text).toContain(
      'Since November 21, 2026, an instance of yours that started later has had newer software: JupyterLab 4.6.6 (here 4.5.11), boto3 1.40 (not installed here).'
    );
    expect(text).toContain('Reported ins3://bucket/key');
  });

  it('has its state in words, its evidence, and how long ago it was checked', () => {
    const region = about('os_release', {
      state: 'unknown',
      code: 'os_release-unreachable',
      checked: '2026-11-23T13:57:11Z',
      evidence: { release: '2023.9', newest: '2023.10', problem: 'no route', packages: ['a', 'b'] }
    });
    expect(region.querySelector('summary')?.textContent).toBe('Operating system packages Unknown');
    const rows = [...region.querySelectorAll('dt')].map(term => [
      term.textContent,
      term.nextElementSibling?.textContent
    ]);
    expect(rows).toEqual([
      ['Installed release', '2023.9'],
      ['Newest', '2023.10'],
      ['Last check failed', 'no route'],
      ['Newer packages', 'a, b'],
      ['Checked', '5 minutes ago']
    ]);
  });

  it('that recommends nothing is not said to', () => {
    const { signals } = asking({ name: 'os_release', code: 'os-newer' });
    expect(dialog({ signals, reasons: [] }).textContent).toContain(
      'Operating system packages For information'
    );
    expect(dialog({ signals, reasons: [], ineffective: ['os_release'] }).textContent).toContain(
      'Operating system packages Not fixed by the last restart'
    );
  });
});

describe('an advisory', () => {
  it('has its severity in words, its CVEs, when it was published, and its text', () => {
    const region = about('os_release', { advisories: [advisory({ exploited: true })] });
    expect(items(region)).toEqual([
      'ALAS2023-2026-1201 – important, actively exploited – published November 20, 2026 – CVE-2026-1234 – openssl: a flaw'.replace(
        'November 20, 2026',
        language.date('2026-11-20T00:00:00Z')
      )
    ]);
  });

  it('is a link only to https, and nothing of it is HTML', () => {
    const evil = advisory({
      id: '<b>X-1</b>',
      text: '<script>alert(1)</script>',
      cves: ['<img src=x onerror=alert(1)>'],
      severity: '<i>bad</i>',
      link: 'javascript:alert(1)'
    });
    const region = about('organization', { advisories: [evil], link: 'http://example.com/' });
    expect(region.textContent).toContain('<script>alert(1)</script>');
    expect(region.querySelector('script, img, b, i, a')).toBeNull();
    const good = about('organization', { advisories: [advisory()] });
    expect(good.querySelector('a')?.rel).toBe('noopener noreferrer');
  });

  it('is one of many: the worst come first, and more than five are folded up', () => {
    const many = ['low', 'medium', null, 'critical', 'important', 'low', 'low'].map(
      (severity, index) => advisory({ id: `A-${index}`, severity })
    );
    const region = about('os_release', { advisories: many });
    const [shown, rest] = [...region.querySelectorAll('ul')];
    expect(shown && items(shown).map(text => text.slice(0, 3))).toEqual([
      'A-3',
      'A-4',
      'A-1',
      'A-0',
      'A-5'
    ]);
    expect(rest && items(rest)).toHaveLength(2);
    expect(region.querySelector('.jp-NbUpdater-more summary')?.textContent).toBe('2 more');
  });
});

describe('the policy', () => {
  const shown = (over: Parameters<typeof policy>) =>
    getByRole(dialog({}, { policy: policy(...over) }), 'region', { name: 'Policy' });

  it('is what AWS recommends, unless someone has set another', () => {
    expect(shown([]).textContent).toContain('AWS recommendation (no policy configured)');
    expect(shown([{}, { kind: 'configured' }]).textContent).toContain(
      'Configuration of this instance'
    );
  });

  it('is that of an organization', () => {
    const text = shown([
      {
        mode: 'require',
        service_levels: { critical: 7 },
        window: { days: ['sat'], from: '22:00', to: '04:00', timezone: 'Europe/Berlin' },
        holders: ['ana', 'bo'],
        hold_days: 3
      },
      {
        kind: 'organization',
        organization: 'Example Bank',
        message: '<script>alert(1)</script>\nPlease.',
        contact: 'it@example.com',
        link: 'javascript:alert(1)',
        serial: 42,
        issued: '2026-11-01T00:00:00Z',
        expires: '2027-11-01T00:00:00Z',
        signed: true
      }
    ]);
    for (const part of [
      'Example Bank',
      'critical: 7 days after publication',
      'Sat 22:00–04:00 Europe/Berlin',
      'ana and bo, for up to 3 days',
      'Document number42',
      'made with a key that is pinned on this instance',
      'it@example.com',
      'automatic restart once the instance is idle'
    ]) {
      expect(text.textContent).toContain(part);
    }
    expect(text.querySelector('script, a')).toBeNull();
  });

  it('says why a newer document is not in force, how old the other is, and that it has expired', () => {
    const text = shown([
      {},
      {
        kind: 'organization',
        problem: 'bad-signature',
        detail: 'key 1f2e',
        fetched: '2026-11-23T10:02:11Z',
        expires: '2026-11-22T00:00:00Z'
      }
    ]).textContent;
    expect(text).toContain(
      'not signed with a key that is pinned on this instance. Details: key 1f2e.'
    );
    expect(text).toContain('The policy in force was last fetched 4 hours ago.');
    expect(text).toContain('has expired');
  });

  it.each([
    ['bad-url', 'URL is not supported'],
    ['not-found', 'was not found'],
    ['access-denied', 'was denied'],
    ['throttled', 'could not be fetched'],
    ['redirect', 'redirects to an unsupported address'],
    ['too-large', 'is too large'],
    ['too-slow', 'took too long'],
    ['wrong-type', 'unsupported media type'],
    ['markup', 'The new policy is invalid.'],
    ['serial', 'older than one that was in force'],
    ['not-yet-issued', 'not in force yet'],
    ['expired', 'has expired'],
    ['not-signed', 'not signed with a key'],
    ['key-unusable', 'could not be checked'],
    ['of-a-newer-server', 'The new policy cannot be used']
  ])('puts %s into words: %s', (problem, words) => {
    expect(shown([{}, { kind: 'organization', problem }]).textContent).toContain(words);
  });

  it('may not be there yet', () => {
    expect(queryByText(dialog({}, { policy: null }), 'Policy')).toBeNull();
  });
});

describe('what comes', () => {
  const comes = (advice: Partial<IAdvice>, over: Partial<IState> = {}) =>
    items(getByRole(dialog(advice, over), 'list', { name: 'If you do nothing' }));

  it('comes step by step, with its time; a code of a newer server is not shown', () => {
    const codes = ['advised', 'due', 'deadline', 'required', 'hold-ends', 'aws-interval', 'later'];
    const lines = comes({ plan: codes.map(code => ({ code, at: NOW })) });
    expect(lines).toHaveLength(codes.length);
    expect(lines.every(line => line.startsWith(language.dateTime(NOW)))).toBe(true);
    expect(lines.at(3)).toContain(
      'This instance restarts automatically once it is idle and everything is saved. Idle kernels are lost.'
    );
    expect(lines.at(-1)).toMatch(/ – A step that this version does not know\.$/);
  });

  it('is nothing automatic, where no restart is required', () => {
    expect(comes({ plan: [] })).toEqual(['Nothing happens automatically.']);
  });

  it('is not asked again when a restart has changed nothing about it', () => {
    const list = getByRole(dialog({ ineffective: ['maintenance:PendingMaintenance'] }), 'list', {
      name: 'Not fixed by the last restart'
    });
    expect(items(list)[0]).toBe(
      `Maintenance by AWS – The restart on ${language.date('2026-10-20T09:00:00Z')} did not change this. You won’t be asked about this again; your organization can see it.`
    );
  });
});

describe('the dialog', () => {
  const tab = testTab();

  it('lists each source with its facts and its link, and closes with Escape', async () => {
    tab.dialogs.explain();
    await settled();
    const dialog = getByRole(page, 'dialog', { name: 'Why restart this notebook instance?' });
    expect(dialog.textContent).toContain('This instance has run for 34 days');
    expect(getByRole<HTMLAnchorElement>(dialog, 'link').href).toContain('docs.aws.amazon.com');
    press('Escape');
    expect(queryByRole(page, 'dialog')).toBeNull();
  });

  it('offers to end the hold, and goes when that is done', async () => {
    const hold = {
      by: 'ana',
      verified: true,
      reason: 'x',
      until: '2026-11-24T14:02:11Z',
      since: NOW
    };
    tab.tell({ hold });
    tab.dialogs.explain();
    await settled();
    tab.server.state = state({ revision: 9 });
    getByRole(page, 'button', { name: 'End the hold' }).click();
    await settled();
    expect(tab.server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: 'nb-updater/hold' });
    expect(queryByRole(page, 'dialog')).toBeNull();
    expect(tab.model.state?.hold).toBeNull();
  });

  it('links to https only', async () => {
    const [signal] = state().advice.signals;
    const advice = {
      ...state().advice,
      signals: signal ? [{ ...signal, link: 'javascript:0' }] : []
    };
    tab.server.state = state({ revision: 2, advice });
    tab.model.update(tab.server.state);
    tab.dialogs.explain();
    await settled();
    expect(queryByRole(page, 'link')).toBeNull();
  });
});
