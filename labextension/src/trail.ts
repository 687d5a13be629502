/**
 * What a document has been through in this tab, by evidence: how often its content changed, and when it was last known
 * to equal the file.
 *
 * The dirty flag cannot tell: it is cleared after a save whatever was typed meanwhile (jupyterlab#17365). Every content
 * of JupyterLab 4 lives in a Yjs document whose transactions miss nothing: sources, outputs, metadata.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

/** The part of a document's context that can be followed. */
export type Followed = Pick<DocumentRegistry.Context, 'model' | 'contentsModel' | 'ready'> & {
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

export class Trail {
  constructor(private readonly context: Followed) {
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
        this._saving = Math.min(this._saving ?? this.version, this.version);
      } else {
        this._saved = state === 'completed' ? this._saving : this._saved;
        this._saving = null;
      }
    });
    if (ydoc && !context.isReady) {
      void context.ready.then(
        () => {
          // Filled from a file whose hash came in the same answer.
          this.prove(context.contentsModel?.hash ?? null);
        },
        () => undefined
      );
    }
  }

  /** Grows with every change of the content. */
  version = 0;

  /** The hash of the file that the content was last known to equal; `null` on servers that tell none. */
  get hash(): string | null {
    return this._proven?.hash ?? null;
  }

  /** Whether the file held this content because this tab has put it there for a restart. */
  get isOwn(): boolean {
    return this._proven?.isOwn === true && this._proven.version === this.version;
  }

  /**
   * The content equals the file with this hash, now.
   *
   * @param isOwn - it was this tab that wrote it, for a restart
   */
  prove(hash: string | null, isOwn = false): void {
    this._proven = { version: this.version, hash, isOwn };
  }

  /**
   * Whether the tab may hold what was never on disk. Peers change a collaborative document by themselves, and its save
   * is not to be believed, so it always may.
   */
  get isTouched(): boolean {
    const { dirty, collaborative } = this.context.model;
    return dirty || collaborative === true || this._proven?.version !== this.version;
  }

  /** Whether JupyterLab has already sent exactly this content, and was told that it is saved. */
  get isSent(): boolean {
    return this._saved === this.version;
  }

  private _proven: { version: number; hash: string | null; isOwn: boolean } | null = null;
  private _saving: number | null = null;
  private _saved: number | null = null;
}

const trails = new WeakMap<object, Trail>();

/** The trail of a document, which begins when it is first asked for. */
export function trailOf(context: Followed): Trail {
  const trail = trails.get(context) ?? new Trail(context);
  trails.set(context, trail);
  return trail;
}
