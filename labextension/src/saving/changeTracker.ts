/**
 * Track how often a document changed in this tab, and when its content was last known to equal the file.
 *
 * The dirty flag cannot tell: it is cleared after a save whatever was typed meanwhile (jupyterlab#17365). Every content
 * of JupyterLab 4 lives in a Yjs document, whose transactions miss nothing: sources, outputs, metadata.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

/** The part of a document's context that is tracked. */
export type TrackedContext = Pick<DocumentRegistry.Context, 'model' | 'contentsModel' | 'ready'> & {
  isReady: boolean;
  saveState: DocumentRegistry.Context['saveState'];
};

/** As much of Yjs as is needed; a model of another extension may have none. */
interface IShared {
  ydoc?: {
    on: (event: 'afterTransaction', listener: (transaction: ITransaction) => void) => void;
  };
  ystate?: unknown;
}

interface ITransaction {
  changed: Map<unknown, unknown>;
}

export class ChangeTracker {
  constructor(private readonly context: TrackedContext) {
    const { ydoc, ystate } = context.model.sharedModel as unknown as IShared;
    ydoc?.on('afterTransaction', ({ changed }) => {
      // The dirty flag itself lives in the shared document too, and is no content.
      if ([...changed.keys()].some(type => type !== ystate)) {
        this.version += 1;
      }
    });
    context.model.contentChanged.connect(() => {
      this.version += 1;
    });
    context.saveState.connect((_, state) => {
      // JupyterLab serializes right after it says so, in the same turn.
      if (state === 'started') {
        this._sendingVersion = Math.min(this._sendingVersion ?? this.version, this.version);
      } else {
        this._sentVersion = state === 'completed' ? this._sendingVersion : this._sentVersion;
        this._sendingVersion = null;
      }
    });
    if (ydoc && !context.isReady) {
      void context.ready.then(
        () => {
          // Loaded from a file whose hash came in the same answer.
          this.markSaved(context.contentsModel?.hash ?? null);
        },
        () => undefined
      );
    }
  }

  /** A number that grows with every change of the content. */
  version = 0;

  /** The hash of the file that the content was last known to equal; `null` on servers that send none. */
  get hash(): string | null {
    return this._lastSaved?.hash ?? null;
  }

  /** Whether the file held this content because this tab wrote it in a save round. */
  get savedByRound(): boolean {
    return this._lastSaved?.byRound === true && this._lastSaved.version === this.version;
  }

  /**
   * Remember that the content equals the file now.
   *
   * @param hash - of the file, as far as the server sends one
   * @param byRound - whether this tab wrote it in a save round
   */
  markSaved(hash: string | null, byRound = false): void {
    this._lastSaved = { version: this.version, hash, byRound };
  }

  /**
   * Whether the tab may hold something that was never on disk. A collaborative document always may: peers change it by
   * themselves, and a save of it that succeeds proves nothing.
   */
  get mayDiffer(): boolean {
    const { dirty, collaborative } = this.context.model;
    return dirty || collaborative === true || this._lastSaved?.version !== this.version;
  }

  /** Whether JupyterLab has already sent exactly this content, and the server has confirmed that it is saved. */
  get savedByJupyterLab(): boolean {
    return this._sentVersion === this.version;
  }

  private _lastSaved: { version: number; hash: string | null; byRound: boolean } | null = null;
  private _sendingVersion: number | null = null;
  private _sentVersion: number | null = null;
}

const trackers = new WeakMap<object, ChangeTracker>();

/** Return the tracker of a document; it tracks from the first call on. */
export function trackerOf(context: TrackedContext): ChangeTracker {
  const tracker = trackers.get(context) ?? new ChangeTracker(context);
  trackers.set(context, tracker);
  return tracker;
}
