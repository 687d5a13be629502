/**
 * The state document and the messages of `docs/protocol.md`, as types.
 *
 * Times are ISO 8601 in UTC, durations are seconds, unset is `null`. Every code is open: a newer server may send one
 * that this page does not know, so nothing here may rely on having seen them all.
 */

export type {
  IAdvice,
  IAdvisory,
  IOrigin,
  IPolicy,
  ISignalReport,
  IStep,
  IWindow,
  Level
} from './advice';
export type {
  IAddedPackage,
  IBack,
  IDesk,
  IEnvironment,
  IKeepable,
  IMissing,
  IPackages
} from './desk';
export type { IDocument, ILoss, ILostTab, IRescued, IWork } from './work';
import type { IAdvice, IPolicy } from './advice';
import type { IDesk, IPackages } from './desk';
import type { IDocument, IWork } from './work';

/** Where a restart is. */
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
  /** AWS's own string, also one that we do not know; `null` when AWS did not answer. */
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

/** What may go wrong with a restart, and is in nobody's way. */
export interface IRisk {
  code: string;
  subject: string;
  detail: string;
}

/** Somebody's "not now". */
export interface IHold {
  by: string;
  reason: string;
  until: string;
  since: string;
}

/** What a restart waits for. */
export interface IReason {
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
  /** The id of every loss that they were shown. */
  losses: string[];
  /** The id of everything that they named one by one. */
  words: string[];
  /** They were told that nobody starts the instance again. */
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
  /** Who asked for it. */
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
  /** While it waits. */
  waiting_for: IReason[];
  /** How long one takes here, from the click until the page can load again. */
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

/** The one document that the server pushes whole and that every tab renders. */
export interface IState {
  revision: number;
  /** New in every server process. */
  boot_id: string;
  now: string;
  instance: IInstance;
  advice: IAdvice;
  /** `null` for a moment, before the first judgement. */
  policy: IPolicy | null;
  hold: IHold | null;
  return_path: IReturnPath;
  risks: IRisk[];
  work: IWork;
  restart: IRestart;
  outcome: IOutcome | null;
  desk: IDesk;
  packages: IPackages;
}

/** What one tab says about one document after a save round. */
export interface IDocumentReport {
  path: string;
  outcome: DocumentOutcome;
  detail: string | null;
  /** Where our version is when its file had to stay as it is: the path of the rescue copy. */
  copy: string | null;
  /** Of `saved`: which version of the file was read back. Two tabs that tell different ones have saved over each other. */
  proof?: string;
}

/** What a tab answers in a save round. */
export interface ITabReport {
  documents: IDocumentReport[];
  /** What is unsaved in this tab but is no document, by the name that the page gives it. */
  elsewhere: string[];
}

/** What a tab sends over the channel. */
export type TabMessage =
  | { type: 'bye' }
  | { type: 'hello'; tab: string; page: string; documents: IDocument[] }
  | ({ type: 'report'; restart: string } & ITabReport);

/** The phases in which a restart runs and the page takes no input. */
export function isRunning(phase: string): boolean {
  return phase === 'preflight' || phase === 'saving' || phase === 'arming' || isLeaving(phase);
}

/** Whether the stop has been asked for (`stopping`) or taken (`away`): the server is about to be gone. */
export function isLeaving(phase: string): boolean {
  return phase === 'stopping' || phase === 'away';
}

/** Whether the restart can still be called off (`DELETE restart`). */
export function isCancellable(phase: string): boolean {
  return phase === 'preflight' || phase === 'saving' || phase === 'arming';
}

/** The hold that is in force at `now`, in milliseconds since the epoch. */
export function holdAt(state: IState, now: number): IHold | null {
  return state.hold && Date.parse(state.hold.until) > now ? state.hold : null;
}

/** Whether nobody starts the instance again, so that a "restart" would only be a stop. */
export function stopsOnly(path: IReturnPath): boolean {
  return path.kind === 'manual' || path.proof === 'missing';
}
