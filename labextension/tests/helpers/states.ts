/**
 * State documents for tests: an idle instance with an uptime of 34 days, and changes to it.
 */
import type {
  IAddedPackage,
  IAdvice,
  IAdvisory,
  ILoss,
  IOrigin,
  IPackages,
  IPolicy,
  IRestart,
  IRestore,
  ISignalReport,
  IState
} from '../../src/server/protocol';

export const NOW = '2026-11-23T14:02:11Z';

/** Return a state document in which `over` replaces whole parts. */
export function state(over: Partial<IState> = {}): IState {
  return {
    revision: 1,
    server_id: 'server-1',
    now: NOW,
    instance: {
      name: 'research-1',
      region: 'eu-west-1',
      account: '123456789012',
      partition: 'aws',
      status: 'InService',
      platform: 'notebook-al2023-v1',
      moves_to: null,
      console_url: 'https://eu-west-1.console.aws.amazon.com/sagemaker/home'
    },
    advice: {
      level: 'advised',
      stage: 'banner',
      deadline: '2027-01-18T09:00:00Z',
      moved_from: null,
      deferral: null,
      reasons: [{ id: 'age:2026-10-20T09:00:00Z', deadline: '2027-01-18T09:00:00Z' }],
      ineffective: [],
      exception: false,
      required: false,
      warnings: [],
      plan: [
        { code: 'due', at: '2027-01-11T09:00:00Z' },
        { code: 'deadline', at: '2027-01-18T09:00:00Z' },
        { code: 'aws-interval', at: '2027-01-18T09:00:00Z' }
      ],
      signals: [
        {
          id: 'age:2026-10-20T09:00:00Z',
          name: 'age',
          state: 'due',
          code: 'age-over-advised',
          checked: NOW,
          evidence: {
            booted: '2026-10-20T09:00:00Z',
            days: 34,
            advised_days: 30,
            interval_days: 90,
            known_by: 'boot'
          },
          link: 'https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html',
          advisories: []
        }
      ]
    },
    policy: policy(),
    hold: null,
    given_name: '',
    return_path: { kind: 'stack', proof: 'verified' },
    risks: [],
    work: {
      documents: [
        { path: 'a.ipynb', dirty: false, tabs: 1 },
        { path: 'b.py', dirty: true, tabs: 2 }
      ],
      losses: [loss({ id: 'kernel:8c1e', name: 'a.ipynb', detail: 'python3' })],
      rescued: [],
      lost_tabs: []
    },
    restart: restart('idle', { id: null }),
    outcome: null,
    restore: restore(),
    packages: packages('none', []),
    ...over
  };
}

/** Return the same state with other advice. */
export function advised(advice: Partial<IAdvice>, over: Partial<IState> = {}): IState {
  return state({ advice: { ...state().advice, ...advice }, ...over });
}

/** Return a signal that is due, and its reason. */
export function asking(
  over: Partial<ISignalReport> & { name: string },
  deadline: string | null = null
): Pick<IAdvice, 'signals' | 'reasons'> {
  const signal = {
    id: over.name,
    state: 'due' as const,
    code: '',
    checked: NOW,
    evidence: {},
    link: null,
    advisories: [],
    ...over
  };
  const about = signal.advisories.map(({ id }) => `${signal.name}:${id}`);
  const ids = about.length > 0 ? about : [signal.id];
  return { signals: [signal], reasons: ids.map(id => ({ id, deadline })) };
}

/** Return an advisory of Amazon Linux. */
export function advisory(over: Partial<IAdvisory> = {}): IAdvisory {
  return {
    id: 'ALAS2023-2026-1201',
    published: '2026-11-20T00:00:00Z',
    severity: 'important',
    exploited: false,
    cves: ['CVE-2026-1234'],
    text: 'openssl: a flaw',
    link: 'https://alas.aws.amazon.com/AL2023/ALAS2023-2026-1201.html',
    ...over
  };
}

/** Return the default policy with changes. */
export function policy(over: Partial<IPolicy> = {}, origin: Partial<IOrigin> = {}): IPolicy {
  return {
    advised_days: 30,
    interval_days: 90,
    notice_days: 7,
    grace_hours: 1,
    service_levels: {},
    mode: 'advise',
    window: null,
    holders: ['*'],
    hold_days: 14,
    origin: {
      kind: 'default',
      organization: '',
      message: '',
      contact: '',
      link: null,
      serial: null,
      issued: null,
      expires: null,
      fetched: null,
      signed: null,
      problem: null,
      detail: '',
      ...origin
    },
    ...over
  };
}

/** Return the part `restart` in a phase. */
export function restart(phase: IRestart['phase'], over: Partial<IRestart> = {}): IRestart {
  return {
    id: 'restart-1',
    by: 'ana',
    when: 'now',
    phase,
    since: NOW,
    deadline: '2026-11-23T14:02:41Z',
    stops_only: false,
    findings: [],
    waiting_for: [],
    usual_seconds: null,
    ...over
  };
}

/** Return the part `restore`, empty except for changes. */
export function restore(over: Partial<IRestore> = {}): IRestore {
  return { enabled: [], available: [], restored: [], not_restored: [], ...over };
}

/** Return packages that the user installed in an environment. */
export function packages(
  phase: string,
  added: Partial<IAddedPackage>[],
  environment = 'python3'
): IPackages {
  const all = added.map(over => ({
    name: 'tabulate',
    version: '0.9.0',
    installer: 'pip',
    state: 'available',
    code: null,
    detail: '',
    ...over
  }));
  const environments = all.length > 0 ? [{ name: environment, packages: all }] : [];
  return { phase, automatic: false, environments };
}

/** Return a loss, by default an idle kernel. */
export function loss(over: Partial<ILoss> = {}): ILoss {
  return {
    id: 'kernel:1',
    kind: 'kernel',
    name: 'train.ipynb',
    detail: null,
    busy: false,
    since: null,
    memory: null,
    size: null,
    ...over
  };
}
