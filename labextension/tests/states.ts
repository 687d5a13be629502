/**
 * State documents for tests: a calm instance that is 34 days old, and what differs from it.
 */
import type { ILoss, IRestart, IState } from '../src/protocol';

export const NOW = '2026-11-23T14:02:11Z';

/** A whole state document; `over` replaces whole parts. */
export function state(over: Partial<IState> = {}): IState {
  return {
    revision: 1,
    boot_id: 'boot-1',
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
      deadline: '2027-01-18T09:00:00Z',
      deferral: null,
      signals: [
        {
          name: 'age',
          state: 'due',
          code: 'age-over-advised',
          checked: NOW,
          evidence: {
            booted: '2026-10-20T09:00:00Z',
            days: 34,
            advised_days: 30,
            interval_days: 90
          },
          link: 'https://docs.aws.amazon.com/sagemaker/latest/dg/nbi.html'
        }
      ]
    },
    hold: null,
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
    ...over
  };
}

/** The restart part, in one phase. */
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

/** An idle kernel, unless it is something else. */
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
