/**
 * Types of the state document and the messages in `docs/protocol.md`.
 *
 * Times are ISO 8601 in UTC, durations are in seconds, and an unset value is `null`. A newer server may send codes that are
 * unknown here.
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
 * Result of a document in a save round. `clean` and `saved` mean that its file is verified; `rescued` means that a copy beside
 * the file is.
 */
export type DocumentOutcome =
  'clean' | 'saved' | 'rescued' | 'read-only' | 'failed' | 'timeout' | 'unverified';

export interface IInstance {
  name: string | null;
  region: string | null;
  account: string | null;
  partition: string | null;
  /** AWS's status, possibly an unknown one; `null` without a response from AWS. */
  status: string | null;
  platform: string | null;
  /** Platform to which the instance must move, if AWS no longer starts the current one. */
  moves_to: string | null;
  console_url: string | null;
}

export interface IReturnPath {
  /** `stack`, `schedule` or `manual`. */
  kind: string;
  proof: 'verified' | 'assumed' | 'missing';
  /** Code of the reason why it is not verified. */
  reason?: string;
}

/** A warning that does not block a restart. */
export interface IRisk {
  code: string;
  subject: string;
  detail: string;
}

/** A hold, which keeps the instance from restarting until a time. */
export interface IHold {
  by: string;
  /** Whether a login says that this is the user. */
  verified: boolean;
  reason: string;
  until: string;
  since: string;
}

/** Why a scheduled restart is waiting. */
export interface IWaitReason {
  id: string;
  /** `time`, `quiet`, `hold`, `unknown`, or the kind of a loss. */
  kind: string;
  name: string;
  since: string | null;
}

/** Body of `POST restart`. */
export interface IRestartRequest {
  /** `now`, `idle`, or a time. */
  when: string;
  /** Ids of all losses that the dialog has listed. */
  losses: string[];
  /** Ids of everything that was confirmed individually. */
  confirmed: string[];
  /** Whether the user accepts that nothing starts the instance again. */
  without_return: boolean;
}

export interface IFinding {
  code: string;
  subject: string | null;
  detail: string | null;
  /** The missing IAM action. */
  action: string | null;
}

export interface IRestart {
  id: string | null;
  /** Display name of the user who requested it. */
  by: string | null;
  /** `now`, `idle`, or a time. */
  when: string | null;
  phase: Phase;
  /** Begin of this phase. */
  since: string | null;
  /** Time limit of this phase. */
  deadline: string | null;
  stops_only: boolean;
  findings: IFinding[];
  /** Reasons for waiting, in the phase `waiting`. */
  waiting_for: IWaitReason[];
  /** Usual duration of a restart, from the click until the page can reload. */
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
  /** Time by which it should have come back; `null` if it only stopped. */
  expected: string | null;
  returned: string | null;
  seconds: number | null;
  changes: IChange[];
}

/** The state document, which the server sends whole and every tab renders. */
export interface IState {
  revision: number;
  /** Id of the server process. */
  server_id: string;
  now: string;
  instance: IInstance;
  advice: IAdvice;
  /** `null` before the first evaluation. */
  policy: IPolicy | null;
  hold: IHold | null;
  /** The name that somebody gave on this instance; '' for none. Nothing verifies it. */
  given_name: string;
  return_path: IReturnPath;
  risks: IRisk[];
  work: IWork;
  restart: IRestart;
  outcome: IOutcome | null;
  restore: IRestore;
  packages: IPackages;
}

/** Report of a tab about one document in a save round. */
export interface IDocumentReport {
  path: string;
  outcome: DocumentOutcome;
  detail: string | null;
  /** Path of the rescue copy, if the file could not be overwritten. */
  copy: string | null;
  /** For `saved`: version of the file that was verified. Tabs with different versions have saved over each other. */
  proof?: string;
}

/** Report of a tab in a save round. */
export interface ITabReport {
  documents: IDocumentReport[];
  /** Names of unsaved widgets that are not documents. */
  unsaved_widgets: string[];
}

/** Messages from a tab to the server. */
export type TabMessage =
  | { type: 'bye' }
  | { type: 'hello'; tab: string; page: string; documents: IDocument[] }
  | ({ type: 'report'; restart: string } & ITabReport);

/** How urgent a restart is according to the policy. */
export type Level = 'current' | 'unknown' | 'advised' | 'due' | 'overdue';

/** An advisory that a restart resolves. */
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
  /** Name and subject of the signal: another subject has another id. */
  id: string;
  name: string;
  state: 'current' | 'due' | 'unknown';
  code: string;
  checked: string | null;
  evidence: Record<string, unknown>;
  link: string | null;
  advisories: IAdvisory[];
  /** Whether no restart is possible, because AWS would not start the instance again. */
  prevents?: boolean;
}

/** A future step if nothing is done. */
export interface IStep {
  code: string;
  at: string;
}

export interface IAdvice {
  level: Level;
  /** How prominently the advice is displayed. */
  stage: 'none' | 'quiet' | 'banner' | 'countdown';
  deadline: string | null;
  /** The later deadline that was shown before. */
  moved_from: string | null;
  deferral: { until: string; count: number } | null;
  /** The reason for the restart: a signal's name, and after a colon what it is about. */
  reasons: { id: string; deadline: string | null }[];
  /** Ids of reasons that a restart did not resolve, and that no longer count. */
  ineffective: string[];
  /** Whether a hold keeps the instance past its deadline. */
  exception: boolean;
  /** Whether it may restart without a click now. */
  required: boolean;
  warnings: string[];
  plan: IStep[];
  signals: ISignalReport[];
  /** A simulated clock: its time at the state's `now`, and its speed in simulated seconds per second. */
  clock?: { now: string; rate: number } | null;
}

/** The restart window, in which a restart may begin without a click. */
export interface IWindow {
  /** `mon` to `sun`. */
  days: string[];
  from: string;
  to: string;
  timezone: string;
}

/** Where the policy comes from. */
export interface IOrigin {
  /** `default` (AWS's recommendation), `configured` (on this instance) or `organization`. */
  kind: string;
  organization: string;
  message: string;
  contact: string;
  link: string | null;
  serial: number | null;
  issued: string | null;
  expires: string | null;
  fetched: string | null;
  /** Whether a trusted key has signed it; `null` if no key is configured. */
  signed: boolean | null;
  /** Code of the reason why a newer document is not in force. */
  problem: string | null;
  detail: string;
}

/** The limits in force. */
export interface IPolicy {
  advised_days: number;
  interval_days: number;
  notice_days: number;
  grace_hours: number;
  /** Number of days after publication, by severity. */
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
  /** Id to accept in `POST restart`. */
  id: string;
  /** `kernel`, `terminal` and `process` have to be accepted; `schedule`, `files` and `packages` are only listed. */
  kind: string;
  name: string;
  detail: string | null;
  /** It has to be confirmed separately. */
  busy: boolean;
  /** Time since which it is busy, or at which it was last busy. */
  since: string | null;
  memory: number | null; // bytes
  size: number | null; // of files in bytes, or the number of packages
}

/** A document of which only a rescue copy is saved, because another program changed the file. */
export interface IRescued {
  path: string;
  copy: string;
}

/** A page that lost its connection with unsaved changes, and has not come back. */
export interface ILostTab {
  id: string;
  page: string;
  /** Paths of documents with unsaved changes. */
  documents: string[];
}

export interface IWork {
  documents: (IDocument & { tabs: number })[];
  losses: ILoss[];
  rescued: IRescued[];
  lost_tabs: ILostTab[];
}

/** Files outside the volume that the user can choose to keep. */
export interface IDotfiles {
  id: string;
  paths: string[];
  exists: boolean; // at least one of them
}

/** Something that was restored after this boot. */
export interface IRestored {
  /** `workspaces`, `settings`, `terminal` or `files`. */
  kind: string;
  name: string;
  detail: string;
  count: number;
}

/** Something that was not restored, and the code of the reason. */
export type INotRestored = Omit<IRestored, 'count'> & { code: string };

export interface IRestore {
  /** Ids of the files that are kept. */
  enabled: string[];
  available: IDotfiles[];
  restored: IRestored[];
  not_restored: INotRestored[];
}

/** A package that the user installed before this boot. */
export interface IAddedPackage {
  name: string;
  version: string;
  /** `pip` or `conda`. */
  installer: string;
  /** `available`, `queued`, `running`, `reinstalled`, `already-installed` (in the new image) or `failed`. */
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
  /** Whether packages are reinstalled automatically; `null` if that is not allowed. */
  automatic: boolean | null;
  environments: IEnvironment[];
}

/** Check whether a restart is running, so that the page accepts no input. */
export function isRunning(phase: string): boolean {
  return isCancellable(phase) || isLeaving(phase);
}

/** Check whether the stop was requested (`stopping`) or accepted (`away`), so that the server is about to end. */
export function isLeaving(phase: string): boolean {
  return phase === 'stopping' || phase === 'away';
}

/** Check whether a restart did not happen, and nobody has acknowledged that. */
export function hasEndedEarly(phase: string): boolean {
  return phase === 'refused' || phase === 'failed';
}

/** Check whether the restart can still be cancelled (`DELETE restart`). */
export function isCancellable(phase: string): boolean {
  return phase === 'preflight' || phase === 'saving' || phase === 'arming';
}

/** Return the hold at the time `now`, in milliseconds since the epoch. */
export function holdAt(state: IState, now: number): IHold | null {
  return state.hold && Date.parse(state.hold.until) > now ? state.hold : null;
}

/** Check whether nothing starts the instance again, so that a restart would only be a stop. */
export function stopsOnly(path: IReturnPath): boolean {
  return path.kind === 'manual' || path.proof === 'missing';
}
