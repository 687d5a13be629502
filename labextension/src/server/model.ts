/**
 * Hold what this tab knows: the last state document, and how much time has passed since. No DOM, no network.
 */
import { UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { isLeaving, isRunning } from './protocol';
import type { IDocument, IState, ITabReport, TabMessage } from './protocol';

export class UpdateModel {
  /**
   * @param page - what kind of page this is: the first part of its path (`lab`, `tree`, `notebooks`, `edit`)
   * @param clock - returns milliseconds that only ever grow; a computer's date may be wrong and may jump
   */
  constructor(
    readonly page: string,
    private readonly clock: () => number = () => performance.now()
  ) {}

  /** The last state that the server sent; `null` until it sent one. */
  get state(): IState | null {
    return this._state;
  }

  /** The id of this tab. */
  readonly tab = UUID.uuid4();

  /** Whether the channel is open. */
  get connected(): boolean {
    return this._connected;
  }

  /** Emitted when the state or the connection changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when there is a message for the server. */
  get outgoing(): ISignal<this, TabMessage> {
    return this._outgoing;
  }

  /** The documents that are open in this tab. */
  get documents(): readonly IDocument[] {
    return this._documents;
  }

  /** The time of the server in milliseconds since the epoch: what it sent, plus what has passed since. */
  get now(): number {
    const sent = Date.parse(this._state?.now ?? '');
    return sent + (this.clock() - this._receivedAt);
  }

  /**
   * The time that advice, holds and reminders go by, in milliseconds since the epoch: that of a simulated clock, where
   * there is one. A running restart, and how long something has been busy, go by `now`.
   */
  get adviceNow(): number {
    const { now } = this;
    const clock = this._state?.advice.clock;
    return clock
      ? Date.parse(clock.now) + (now - Date.parse(this._state?.now ?? '')) * clock.rate
      : now;
  }

  /**
   * Whether another server answers after a restart than the one that this page belongs to. The kernels, terminals and
   * sockets of such a page are gone.
   */
  get isReplaced(): boolean {
    return this._isReplaced;
  }

  /**
   * Whether the server stops, or has stopped, on purpose. A channel that closes while the restart is being armed counts:
   * the message that it stops may have been lost with it.
   */
  get isAway(): boolean {
    const phase = this._state?.restart.phase ?? 'idle';
    return isLeaving(phase) || (phase === 'arming' && !this._connected);
  }

  /** Keep a state document, unless a newer one of the same server is here already. */
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
    this._changed.emit();
  }

  /** Call a listener now, if there is a state, and at every change: a plugin may start after the first state came. */
  observe(listener: () => void): void {
    this._changed.connect(listener);
    if (this._state) {
      listener();
    }
  }

  setConnected(connected: boolean): void {
    if (connected !== this._connected) {
      this._connected = connected;
      this._changed.emit();
    }
  }

  /** Send the server the list of open documents, if it has changed. */
  setDocuments(documents: IDocument[]): void {
    if (JSON.stringify(documents) !== JSON.stringify(this._documents)) {
      this._documents = documents;
      this._outgoing.emit(this.helloMessage());
    }
  }

  /** Tell the server that the page is being closed: the browser has asked about unsaved changes. */
  sayBye(): void {
    this._outgoing.emit({ type: 'bye' });
  }

  /** Answer a save round. */
  report(restart: string, report: ITabReport): void {
    this._report = { type: 'report', restart, ...report };
    this._outgoing.emit(this._report);
  }

  /**
   * Return what a new channel sends first: which tab this is, and its report of the running round if that was sent on
   * another channel, because the server knows a tab by its channel.
   */
  openingMessages(): TabMessage[] {
    const { _report: report, _state: state } = this;
    const waiting = state?.restart.phase === 'saving' && state.restart.id === report?.restart;
    return report && waiting ? [this.helloMessage(), report] : [this.helloMessage()];
  }

  private helloMessage(): TabMessage {
    return { type: 'hello', tab: this.tab, page: this.page, documents: this._documents };
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _outgoing = new Signal<this, TabMessage>(this);
  private _state: IState | null = null;
  private _receivedAt = 0;
  private _connected = false;
  private _isReplaced = false;
  private _documents: IDocument[] = [];
  private _report: (TabMessage & { type: 'report' }) | null = null;
}

/**
 * Return the first part of the page's path below the server's base URL.
 *
 * @param pathname - the page's path, e.g. `/user/x/lab/tree/a.ipynb`
 * @param basePath - the path of the server's base URL, e.g. `/user/x/`
 */
export function pageOf(pathname: string, basePath: string): string {
  const rest = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname;
  return rest.split('/').find(part => part !== '') ?? 'lab';
}
