/**
 * The part of the state document that is about advice: what was found, what is made of it, and by which policy. Every code is
 * open, as in `protocol.ts`.
 */

/** What policy makes of all signals. */
export type Level = 'current' | 'unknown' | 'advised' | 'due' | 'overdue';

/** Something that a restart remedies. */
export interface IAdvisory {
  id: string;
  published: string | null;
  /** `low`, `medium`, `important` or `critical`. */
  severity: string | null;
  /** Whether it is used in attacks. */
  exploited: boolean;
  cves: string[];
  text: string;
  link: string | null;
}

export interface ISignalReport {
  /** Its name, and with another subject another id. */
  id: string;
  name: string;
  state: 'current' | 'due' | 'unknown';
  code: string;
  checked: string | null;
  evidence: Record<string, unknown>;
  link: string | null;
  advisories: IAdvisory[];
}

/** What happens when, if nothing is done. */
export interface IStep {
  code: string;
  at: string;
}

export interface IAdvice {
  level: Level;
  /** How loudly it is said. */
  stage: 'none' | 'quiet' | 'banner' | 'countdown';
  deadline: string | null;
  /** A later deadline that was told before. */
  moved_from: string | null;
  deferral: { until: string; count: number } | null;
  /** What asks for a restart: a signal's name, and after a colon what it is about. */
  reasons: { id: string; deadline: string | null }[];
  /** What would ask, had a restart not changed nothing about it. */
  answered: string[];
  /** Held past its deadline. */
  exception: boolean;
  /** It may restart without a click from now on. */
  required: boolean;
  warnings: string[];
  plan: IStep[];
  signals: ISignalReport[];
  /** A simulated clock: what it shows at the state's `now`, and how many of its seconds pass in one. */
  clock?: { now: string; rate: number } | null;
}

/** The hours in which something may happen without a click. */
export interface IWindow {
  /** `mon` to `sun`. */
  days: string[];
  from: string;
  to: string;
  timezone: string;
}

/** Where the policy comes from. */
export interface IOrigin {
  /** `default` (AWS's advice), `configured` (on this instance) or `organisation`. */
  kind: string;
  organisation: string;
  message: string;
  contact: string;
  link: string | null;
  serial: number | null;
  issued: string | null;
  expires: string | null;
  fetched: string | null;
  /** `null` where no key is pinned. */
  signed: boolean | null;
  /** Why a newer one is not in force: a code. */
  problem: string | null;
  detail: string;
}

/** The limits in force. */
export interface IPolicy {
  advised_days: number;
  interval_days: number;
  notice_days: number;
  grace_hours: number;
  /** Severity to days after the publication. */
  service_levels: Record<string, number>;
  mode: string;
  window: IWindow | null;
  holders: string[];
  hold_days: number;
  origin: IOrigin;
}
