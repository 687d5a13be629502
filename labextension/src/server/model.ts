/**
 * Keep the last state document, and the time that has passed since. No DOM, no network.
 */
import { UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { OWN_RESTART_KEY } from '../constants';
import { isLeaving, isRunning } from './protocol';
import type { IDocument, IState, ITabReport, TabMessage } from './protocol';

/**
 * Why a page without a WebSocket has none: the server answers, but the socket is blocked, and this tab polls; the server
 * `refused` this page altogether; or the instance is away, and nobody is signed in any more. '' without such a problem.
 */
export type ConnectionProblem = '' | 'polling' | 'refused' | 'signed-out';

export class UpdateModel {
  /**
   * @param page - kind of page: the first part of its path (`lab`, `tree`, `notebooks`, `edit`)
   * @param clock - returns milliseconds of a monotonic clock, because a computer's date may be wrong and may jump
   * @param storage - remembers which restart this tab asked for, across reloads of the page
   */
  constructor(
    readonly page: string,
    private readonly clock: () => number = () => performance.now(),
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null = null
  ) {
    this._ownRestart = storage?.getItem(OWN_RESTART_KEY) ?? '';
  }

  /** The last state from the server; `null` before the first one. */
  get state(): IState | null {
    return this._state;
  }

  /** Id of this tab. */
  readonly tab = UUID.uuid4();

  /** Whether the WebSocket is open. */
  get connected(): boolean {
    return this._connected;
  }

  /** Why there is no connection. */
  get problem(): ConnectionProblem {
    return this._problem;
  }

  /** Emitted when the state or the connection changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted with each message for the server. */
  get outgoing(): ISignal<this, TabMessage> {
    return this._outgoing;
  }

  /** The documents that are open in this tab. */
  get documents(): readonly IDocument[] {
    return this._documents;
  }

  /** Time of the server in milliseconds since the epoch: the time in the state, plus the time since. */
  get now(): number {
    const sent = Date.parse(this._state?.now ?? '');
    return sent + (this.clock() - this._receivedAt);
  }

  /**
   * Time for advice, holds and reminders in milliseconds since the epoch: that of the simulated clock, if there is one. A
   * running restart, and how long something has been busy, use `now`.
   */
  get adviceNow(): number {
    const { now } = this;
    const clock = this._state?.advice.clock;
    return clock
      ? Date.parse(clock.now) + (now - Date.parse(this._state?.now ?? '')) * clock.rate
      : now;
  }

  /**
   * Whether another server process responds after a restart. The kernels, terminals and sockets of this page no longer
   * exist then.
   */
  get isReplaced(): boolean {
    return this._isReplaced;
  }

  /**
   * Whether the server is stopping or has stopped as requested. This includes a WebSocket that closes while the restart is
   * being armed, because the last message may be lost.
   */
  get isAway(): boolean {
    const phase = this._state?.restart.phase ?? 'idle';
    return isLeaving(phase) || (phase === 'arming' && !this._connected);
  }

  /** Keep a state document, unless there is a newer one of the same server. */
  update(state: IState): void {
    const before = this._state;
    if (before?.server_id === state.server_id && state.revision < before.revision) {
      return;
    }
    if (before && before.server_id !== state.server_id && isRunning(before.restart.phase)) {
      this._isReplaced = true;
    }
    this._state = state;
    this._receivedAt = this.clock();
    const { id } = state.restart;
    if (this._requestedAfter !== null && id && id !== this._requestedAfter) {
      this._requestedAfter = null;
      this.setOwnRestart(id);
    }
    this._changed.emit();
  }

  /** Whether this tab asked for the restart that runs now, or has ended. */
  get isOwnRestart(): boolean {
    return this._ownRestart !== '' && this._ownRestart === this._state?.restart.id;
  }

  /**
   * Count the next restart as this tab's own, unless the request for it is refused. Its state may be pushed before the
   * answer is here, and a request without an answer may have been carried out.
   */
  async requestRestart(answer: Promise<IState>): Promise<IState> {
    const before = this._ownRestart;
    this._requestedAfter = this._state?.restart.id ?? '';
    try {
      return await answer;
    } catch (error) {
      if ((error as { isUndecided?: boolean }).isUndecided !== true) {
        this._requestedAfter = null;
        this.setOwnRestart(before);
      }
      throw error;
    }
  }

  /** Call a listener at every change, and now if there is a state, because a plugin may start after the first state. */
  observe(listener: () => void): void {
    this._changed.connect(listener);
    if (this._state) {
      listener();
    }
  }

  setConnected(connected: boolean): void {
    if (connected !== this._connected) {
      this._connected = connected;
      this._problem = '';
      this._changed.emit();
    }
  }

  setProblem(problem: ConnectionProblem): void {
    if (problem !== this._problem) {
      this._problem = problem;
      this._changed.emit();
    }
  }

  /** Send the list of open documents to the server if it has changed. */
  setDocuments(documents: IDocument[]): void {
    if (JSON.stringify(documents) !== JSON.stringify(this._documents)) {
      this._documents = documents;
      this._outgoing.emit(this.helloMessage());
    }
  }

  /** Notify the server that the page is closing, after the browser has asked about unsaved changes. */
  sayBye(): void {
    this._outgoing.emit({ type: 'bye' });
  }

  /** Send the report of a save round. */
  report(restart: string, report: ITabReport): void {
    this._report = { type: 'report', restart, ...report };
    this._outgoing.emit(this._report);
  }

  /**
   * Return the first messages of a new WebSocket: the id of this tab and, because the server knows a tab by its socket, its
   * report of the current round.
   */
  openingMessages(): TabMessage[] {
    const { _report: report, _state: state } = this;
    const waiting = state?.restart.phase === 'saving' && state.restart.id === report?.restart;
    return report && waiting ? [this.helloMessage(), report] : [this.helloMessage()];
  }

  private setOwnRestart(id: string): void {
    this._ownRestart = id;
    this.storage?.setItem(OWN_RESTART_KEY, id);
  }

  private helloMessage(): TabMessage {
    return { type: 'hello', tab: this.tab, page: this.page, documents: this._documents };
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _outgoing = new Signal<this, TabMessage>(this);
  private _state: IState | null = null;
  private _ownRestart: string;
  /** The id of the restart before the one that this tab has requested and not heard of yet; `null` without such a one. */
  private _requestedAfter: string | null = null;
  private _receivedAt = 0;
  private _connected = false;
  private _problem: ConnectionProblem = '';
  private _isReplaced = false;
  private _documents: IDocument[] = [];
  private _report: (TabMessage & { type: 'report' }) | null = null;
}

/**
 * Return the first part of the page's path below the server's base URL.
 *
 * @param pathname - path of the page, such as `/user/x/lab/tree/a.ipynb`
 * @param basePath - path of the server's base URL, such as `/user/x/`
 */
export function pageOf(pathname: string, basePath: string): string {
  const rest = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname;
  return rest.split('/').find(part => part !== '') ?? 'lab';
}
