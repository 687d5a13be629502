import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { beforeEach, expect, it, vi } from 'vitest';

import { Documents } from '../src/saving/documents';

/** Return the part of a context that is listed and observed. */
class Context {
  constructor(public localPath: string) {}

  isDisposed = false;
  readonly isReady = true;
  readonly saveState = new Signal<object, string>({});
  readonly model = {
    dirty: false,
    sharedModel: {},
    stateChanged: new Signal<object, void>({}),
    contentChanged: new Signal<object, void>({})
  };
  readonly pathChanged = new Signal<object, void>({});
  readonly disposed = new Signal<object, void>({});

  type(): void {
    this.model.dirty = true;
    this.model.stateChanged.emit();
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.emit();
  }
}

let areas: Record<string, Widget[]>;
let contexts: Map<Widget, Context>;
let opened: Signal<object, Widget>;
let documents: Documents;

beforeEach(() => {
  areas = { main: [], left: [] };
  contexts = new Map();
  opened = new Signal<object, Widget>({});
  const shell = {
    widgets: (area: string) => {
      const widgets = areas[area];
      if (!widgets) {
        throw new Error(`Invalid area: ${area}`); // as JupyterLab's shell does
      }
      return widgets.values();
    }
  };
  const manager = { contextForWidget: (widget: Widget) => contexts.get(widget) };
  documents = new Documents(
    shell as unknown as JupyterFrontEnd.IShell,
    manager as unknown as IDocumentManager,
    { opened } as unknown as IDocumentWidgetOpener
  );
});

function show(area: string, context: Context): void {
  const widget = new Widget();
  contexts.set(widget, context);
  areas[area]?.push(widget);
}

it('lists what is open in every area, in the order of the paths', () => {
  show('main', new Context('b.py'));
  show('left', new Context('a.ipynb'));
  areas.main?.push(new Widget()); // a terminal, a launcher
  expect(documents.list()).toEqual([
    { path: 'a.ipynb', dirty: false },
    { path: 'b.py', dirty: false }
  ]);
});

it('lists a file once although it is open twice, and unsaved when one of them is', () => {
  const notebook = new Context('a.ipynb');
  show('main', notebook);
  show('main', new Context('a.ipynb'));
  notebook.model.dirty = true;
  expect(documents.list()).toEqual([{ path: 'a.ipynb', dirty: true }]);
  expect(documents.contexts()).toHaveLength(2);
});

it('shares one context between two views of one document', () => {
  const context = new Context('a.ipynb');
  show('main', context);
  show('main', context);
  expect(documents.contexts()).toHaveLength(1);
});

it('tells when a document opens, changes, and closes', () => {
  const changed = vi.fn();
  documents.changed.connect(changed);
  const context = new Context('a.ipynb');
  const widget = new Widget();
  contexts.set(widget, context);
  opened.emit(widget);
  expect(changed).toHaveBeenCalledTimes(1);
  context.type();
  expect(changed).toHaveBeenCalledTimes(2);
  context.dispose();
  expect(changed).toHaveBeenCalledTimes(3);
  expect(documents.list()).toEqual([]);
});
