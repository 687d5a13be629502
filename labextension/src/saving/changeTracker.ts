/**
 * What a document has been through in this tab, by evidence: how often its content changed, and when it was last known
 * to equal the file.
 *
 * The dirty flag cannot tell: it is cleared after a save whatever was typed meanwhile (jupyterlab#17365). Every content
 * of JupyterLab 4 lives in a Yjs document whose transactions miss nothing: sources, outputs, metadata.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

/** The part of a document's context that can be followed. */
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
      // JupyterLab serialises right after it says so, in the same turn.
      if (state === 'started') {
        this._savingVersion = Math.min(this._savingVersion ?? this.version, this.version);
      } else {
        this._reportedVersion = state === 'completed' ? this._savingVersion : this._reportedVersion;
        this._savingVersion = null;
      }
    });
    if (ydoc && !context.isReady) {
      void context.ready.then(
        () => {
          // Filled from a file whose hash came in the same answer.
          this.markSaved(context.contentsModel?.hash ?? null);
        },
        () => undefined
      );
    }
  }

  /** Grows with every change of the content. */
  version = 0;

  /** The hash of the file that the content was last known to equal; `null` on servers that tell none. */
  get hash(): string | null {
    return this._lastSaved?.hash ?? null;
  }

  /** Whether the file held this content because this tab has put it there for a restart. */
  get savedByRound(): boolean {
    return this._lastSaved?.isOwn === true && this._lastSaved.version === this.version;
  }

  /**
   * The content equals the file with this hash, now.
   *
   * @param isOwn - it was this tab that wrote it, for a restart
   */
  markSaved(hash: string | null, isOwn = false): void {
    this._lastSaved = { version: this.version, hash, isOwn };
  }

  /**
   * Whether the tab may hold what was never on disk. Peers change a collaborative document by themselves, and its save
   * is not to be believed, so it always may.
   */
  get mayDiffer(): boolean {
    const { dirty, collaborative } = this.context.model;
    return dirty || collaborative === true || this._lastSaved?.version !== this.version;
  }

  /** Whether JupyterLab has already sent exactly this content, and was told that it is saved. */
  get savedByJupyterLab(): boolean {
    return this._reportedVersion === this.version;
  }

  private _lastSaved: { version: number; hash: string | null; isOwn: boolean } | null = null;
  private _savingVersion: number | null = null;
  private _reportedVersion: number | null = null;
}

const trackers = new WeakMap<object, ChangeTracker>();

/** The trail of a document, which begins when it is first asked for. */
export function trackerOf(context: TrackedContext): ChangeTracker {
  const trail = trackers.get(context) ?? new ChangeTracker(context);
  trackers.set(context, trail);
  return trail;
}
