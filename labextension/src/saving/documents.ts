/**
 * List every document that is open in this tab. JupyterLab has no public list, so this searches the areas of the shell and
 * remembers the widgets that the opener announces.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { IDocument } from '../server/protocol';
import { trackerOf } from './changeTracker';

type Context = DocumentRegistry.Context;

const AREAS = ['main', 'left', 'right', 'down'];

export class Documents {
  constructor(
    private readonly shell: JupyterFrontEnd.IShell,
    private readonly manager: IDocumentManager,
    opener: IDocumentWidgetOpener | null
  ) {
    opener?.opened.connect((_, widget) => {
      this.add(widget);
    });
    // This also finds documents that are moved between areas or restored from the layout.
    shell.currentChanged?.connect(() => {
      this.scan();
    });
    this.scan();
  }

  /** Emitted when the list or a dirty flag changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Return the open contexts. Two views of a document share one; a text view of a notebook has its own. */
  contexts(): Context[] {
    this.scan();
    return [...this._contexts];
  }

  /** Return one entry for each file, sorted by path. */
  list(): IDocument[] {
    const dirty = new Map<string, boolean>();
    for (const context of this.contexts()) {
      const path = context.localPath;
      dirty.set(path, (dirty.get(path) ?? false) || context.model.dirty);
    }
    return [...dirty]
      .map(([path, isDirty]) => ({ path, dirty: isDirty }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  private scan(): void {
    for (const widget of widgetsIn(this.shell)) {
      this.add(widget);
    }
  }

  private add(widget: Widget): void {
    const context = this.manager.contextForWidget(widget);
    if (!context || context.isDisposed || this._contexts.has(context)) {
      return;
    }
    this._contexts.add(context);
    trackerOf(context); // begin to track
    const changed = () => {
      this._changed.emit();
    };
    context.model.stateChanged.connect(changed);
    context.pathChanged.connect(changed);
    context.disposed.connect(() => {
      this._contexts.delete(context);
      changed();
    });
    changed();
  }

  private readonly _contexts = new Set<Context>();
  private readonly _changed = new Signal<this, void>(this);
}

/** Return the widgets in all areas of the shell, some of which may not exist. */
export function widgetsIn(shell: JupyterFrontEnd.IShell): Widget[] {
  return AREAS.flatMap(area => {
    try {
      return [...shell.widgets(area)];
    } catch {
      return [];
    }
  });
}
