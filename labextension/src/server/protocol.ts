/**
 * The state document and the messages of `docs/protocol.md`, as types.
 *
 * Times are ISO 8601 in UTC, durations are seconds, unset is `null`. Every code is open: a newer server may send one
 * that this page does not know, so nothing here may rely on having seen them all.
 */

/** The phases of a restart. */
export type Phase =
  | 'idle'
  | 'waiting'
  | 'preflight'
  | 'saving'
  | 'arming'
  | 'stopping'
  | 'away'
  | 'verifying'
  | 'refused'
  | 'failed';

/**
 * How one document came out of a save round. Only `clean` and `saved` are proof that its file holds it; `rescued` is
 * proof that a copy beside the file does.
 */
export type DocumentOutcome =
  'clean' | 'saved' | 'rescued' | 'read-only' | 'failed' | 'timeout' | 'unverified';

export interface IInstance {
  name: string | null;
  region: string | null;
  account: string | null;
  partition: string | null;
  /** As AWS spells it, also one that is new; `null` when AWS did not answer. */
  status: string | null;
  platform: string | null;
  /** The platform on which it would come back, where AWS no longer starts it as it is. */
  moves_to: string | null;
  console_url: string | null;
}

export interface IReturnPath {
  /** `stack`, `schedule` or `manual`. */
  kind: string;
  proof: 'verified' | 'assumed' | 'missing';
}

/** Something that may go wrong with a restart but does not prevent it. */
export interface IRisk {
  code: string;
  subject: string;
  detail: string;
}

/** Somebody keeps the instance as it is until a time. */
export interface IHold {
  by: string;
  reason: string;
  until: string;
  since: string;
}

/** Something that a restart waits for. */
export interface IWaitReason {
  id: string;
  /** `time`, `quiet` or `hold`, `unknown`, or the kind of a loss. */
  kind: string;
  name: string;
  since: string | null;
}

/** What a person asks for with `POST restart`. */
export interface IRestartRequest {
  /** `now`, `idle`, or a time. */
  when: string;
  /** The id of every loss that the dialog has listed. */
  losses: string[];
  /** The id of everything that was confirmed one by one. */
  confirmed: string[];
  /** The dialog has said that nobody starts the instance again. */
  without_return: boolean;
}

export interface IFinding {
  code: string;
  subject: string | null;
  detail: string | null;
  /** The IAM action that is missing. */
  action: string | null;
}

export interface IRestart {
  id: string | null;
  /** Who requested it. */
  by: string | null;
  /** `now`, `idle`, or a time. */
  when: string | null;
  phase: Phase;
  /** When this phase began. */
  since: string | null;
  /** When this phase has to be over. */
  deadline: string | null;
  stops_only: boolean;
  findings: IFinding[];
  /** In the phase `waiting`. */
  waiting_for: IWaitReason[];
  /** How long a restart takes here, from the click until the page can load again. */
  usual_seconds: number | null;
}

export interface IChange {
  name: string;
  before: string | null;
  after: string | null;
}

export interface IOutcome {
  id: string;
  outcome: string;
  requested: string | null;
  /** Until when it should have come back; `null` if it only stopped. */
  expected: string | null;
  returned: string | null;
  seconds: number | null;
  changes: IChange[];
}

/** The one document that the server sends whole and that every tab shows. */
export interface IState {
  revision: number;
  /** New in every server process. */
  server_id: string;
  now: string;
  instance: IInstance;
  advice: IAdvice;
  /** `null` for a moment, before the first evaluation. */
  policy: IPolicy | null;
  hold: IHold | null;
  return_path: IReturnPath;
  risks: IRisk[];
  work: IWork;
  restart: IRestart;
  outcome: IOutcome | null;
  restore: IRestore;
  packages: IPackages;
}

/** What one tab reports about one document after a save round. */
export interface IDocumentReport {
  path: string;
  outcome: DocumentOutcome;
  detail: string | null;
  /** Where our version is when its file had to stay as it is: the path of the rescue copy. */
  copy: string | null;
  /** Of `saved`: which version of the file was read back. Two tabs that report different ones have saved over each other. */
  proof?: string;
}

/** What a tab reports in a save round. */
export interface ITabReport {
  documents: IDocumentReport[];
  /** What is unsaved in this tab but is no document, by the name that the page gives it. */
  unsaved_widgets: string[];
}

/** What a tab sends over the channel. */
export type TabMessage =
  | { type: 'bye' }
  | { type: 'hello'; tab: string; page: string; documents: IDocument[] }
  | ({ type: 'report'; restart: string } & ITabReport);

/** How urgent a restart is, by the policy. */
export type Level = 'current' | 'unknown' | 'advised' | 'due' | 'overdue';

/** Something that a restart remedies. */
export interface IAdvisory {
  id: string;
  published: string | null;
  /** `low`, `medium`, `important` or `critical`. */
  severity: string | null;
  /** Whether it is actively exploited. */
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
  /** How prominently it is shown. */
  stage: 'none' | 'quiet' | 'banner' | 'countdown';
  deadline: string | null;
  /** A later deadline that was announced before. */
  moved_from: string | null;
  deferral: { until: string; count: number } | null;
  /** The reason for the restart: a signal's name, and after a colon what it is about. */
  reasons: { id: string; deadline: string | null }[];
  /** Reasons that a restart did not change, so that they do not count any more. */
  ineffective: string[];
  /** Held past its deadline. */
  exception: boolean;
  /** It may restart without a click from now on. */
  required: boolean;
  warnings: string[];
  plan: IStep[];
  signals: ISignalReport[];
  /** A simulated clock: its time at the state's `now`, and how many of its seconds pass in one real second. */
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
  /** `default` (AWS's advice), `configured` (on this instance) or `organization`. */
  kind: string;
  organization: string;
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

export interface IDocument {
  path: string;
  dirty: boolean;
}

export interface ILoss {
  /** What somebody accepts by `POST restart`. */
  id: string;
  /** `kernel`, `terminal` and `process` have to be accepted; `schedule`, `files` and `packages` are only listed. */
  kind: string;
  name: string;
  detail: string | null;
  /** It has to be confirmed separately. */
  busy: boolean;
  /** Since when it is busy, or when it was busy last. */
  since: string | null;
  /** Bytes of memory. */
  memory: number | null;
  /** Bytes of files, or how many packages. */
  size: number | null;
}

/** A document of which only a copy is saved: something else wrote the file. */
export interface IRescued {
  path: string;
  copy: string;
}

/** A page that lost its connection with unsaved changes, and has not come back. */
export interface ILostTab {
  id: string;
  page: string;
  /** Paths of what was unsaved. */
  documents: string[];
}

export interface IWork {
  documents: (IDocument & { tabs: number })[];
  losses: ILoss[];
  rescued: IRescued[];
  lost_tabs: ILostTab[];
}

/** Files outside the volume that may be kept. */
export interface IDotfiles {
  id: string;
  paths: string[];
  /** Whether one of them exists now. */
  exists: boolean;
}

/** Something that was restored after this boot. */
export interface IRestored {
  /** `workspaces`, `settings`, `terminal` or `files`. */
  kind: string;
  name: string;
  detail: string;
  count: number;
}

/** Something that was not restored, and why. */
export interface INotRestored {
  kind: string;
  name: string;
  code: string;
  detail: string;
}

export interface IRestore {
  /** The ids of the files that are kept. */
  enabled: string[];
  available: IDotfiles[];
  restored: IRestored[];
  not_restored: INotRestored[];
}

/** A package that somebody had added before this boot. */
export interface IAddedPackage {
  name: string;
  version: string;
  /** `pip` or `conda`. */
  installer: string;
  /** `available`, `queued`, `running`, `reinstalled`, `already-installed` (the new image has it) or `failed`. */
  state: string;
  code: string | null;
  detail: string;
}

export interface IEnvironment {
  name: string;
  packages: IAddedPackage[];
}

export interface IPackages {
  /** `none`, `available`, `running` or `done`. */
  phase: string;
  /** They are put back without asking. */
  automatic: boolean;
  environments: IEnvironment[];
}

/** Check whether a restart runs and the page takes no input. */
export function isRunning(phase: string): boolean {
  return phase === 'preflight' || phase === 'saving' || phase === 'arming' || isLeaving(phase);
}

/** Check whether the stop is requested (`stopping`) or accepted (`away`): the server is about to be gone. */
export function isLeaving(phase: string): boolean {
  return phase === 'stopping' || phase === 'away';
}

/** Check whether the restart can still be cancelled (`DELETE restart`). */
export function isCancellable(phase: string): boolean {
  return phase === 'preflight' || phase === 'saving' || phase === 'arming';
}

/** Return the hold that is in force at `now`, in milliseconds since the epoch. */
export function holdAt(state: IState, now: number): IHold | null {
  return state.hold && Date.parse(state.hold.until) > now ? state.hold : null;
}

/** Check whether nobody starts the instance again, so that a "restart" would only be a stop. */
export function stopsOnly(path: IReturnPath): boolean {
  return path.kind === 'manual' || path.proof === 'missing';
}
