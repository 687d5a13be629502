/**
 * Count the changes of a document in this tab, and remember when its content last equaled the file.
 *
 * The dirty flag is not sufficient: it is cleared after a save even if text was typed meanwhile (jupyterlab#17365). All
 * content in JupyterLab 4 is in a Yjs document, whose transactions include everything: sources, outputs, metadata.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

/** The part of a document's context that the tracker uses. */
export type TrackedContext = Pick<DocumentRegistry.Context, 'model' | 'contentsModel' | 'ready'> & {
  isReady: boolean;
  saveState: DocumentRegistry.Context['saveState'];
};

/** The part of Yjs that the tracker uses; a model of another extension may have none. */
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
      // The dirty flag is also in the shared document, but is not content.
      if ([...changed.keys()].some(type => type !== ystate)) {
        this.version += 1;
      }
    });
    context.model.contentChanged.connect(() => {
      this.version += 1;
    });
    context.saveState.connect((_, state) => {
      // JupyterLab serializes the content immediately after this signal.
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
          // Loaded from a file; its hash is from the same response.
          this.markSaved(context.contentsModel?.hash ?? null);
        },
        () => undefined
      );
    }
  }

  /** A number that increases with every change of the content. */
  version = 0;

  /** Hash of the file that last equaled the content; `null` on servers without hashes. */
  get hash(): string | null {
    return this._lastSaved?.hash ?? null;
  }

  /** Whether this tab wrote the current content in a save round. */
  get savedByRound(): boolean {
    return this._lastSaved?.byRound === true && this._lastSaved.version === this.version;
  }

  /**
   * Remember that the content equals the file now.
   *
   * @param hash - hash of the file; `null` on servers without hashes
   * @param byRound - whether this tab wrote it in a save round
   */
  markSaved(hash: string | null, byRound = false): void {
    this._lastSaved = { version: this.version, hash, byRound };
  }

  /**
   * Whether the tab may have content that was never on disk. This is always so for a collaborative document: other users
   * change it, and a successful save proves nothing.
   */
  get mayDiffer(): boolean {
    const { dirty, collaborative } = this.context.model;
    return dirty || collaborative === true || this._lastSaved?.version !== this.version;
  }

  /** Whether JupyterLab has sent exactly this content, and the save succeeded. */
  get savedByJupyterLab(): boolean {
    return this._sentVersion === this.version;
  }

  private _lastSaved: { version: number; hash: string | null; byRound: boolean } | null = null;
  private _sendingVersion: number | null = null;
  private _sentVersion: number | null = null;
}

const trackers = new WeakMap<object, ChangeTracker>();

/** Return the tracker of a document. Tracking begins with the first call. */
export function trackerOf(context: TrackedContext): ChangeTracker {
  const tracker = trackers.get(context) ?? new ChangeTracker(context);
  trackers.set(context, tracker);
  return tracker;
}
