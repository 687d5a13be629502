import type { ILabStatus, JupyterFrontEnd } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';
import { beforeEach, expect, it } from 'vitest';

import type { SavableContext } from '../src/saving/tabContent';
import { unsavedWidgets } from '../src/saving/unsavedWidgets';

/** Count unsaved widgets like JupyterLab, including documents. */
class Status {
  others = 0;

  constructor(private readonly models: { dirty: boolean }[]) {}

  get isDirty(): boolean {
    return this.others > 0 || this.models.some(({ dirty }) => dirty);
  }
}

let models: { dirty: boolean; collaborative: boolean }[];
let status: Status;
let open: Widget[];
let document: Widget;

beforeEach(() => {
  models = [{ dirty: false, collaborative: false }];
  status = new Status(models);
  document = widget('notes.txt');
  open = [document];
});

function widget(label: string, mark = ''): Widget {
  const made = new Widget();
  made.title.label = label;
  made.title.className = mark;
  return made;
}

function unsaved(counted = true): string[] {
  const shell = {
    widgets: (area: string) => {
      if (area !== 'main') {
        throw new Error(`Invalid area: ${area}`);
      }
      return open.values();
    }
  };
  return unsavedWidgets(
    shell as unknown as JupyterFrontEnd.IShell,
    counted ? (status as unknown as ILabStatus) : null,
    models.map(model => ({ model }) as unknown as SavableContext),
    shown => shown === document
  );
}

it('is nothing when everything is saved', () => {
  expect(unsaved()).toEqual([]);
});

it('is not a document', () => {
  document.title.className = 'jp-mod-dirty';
  models.forEach(model => (model.dirty = true));
  expect(unsaved()).toEqual([]);
});

it('is named by its title when JupyterLab marks it', () => {
  open.push(widget('Metadata', 'a-class jp-mod-dirty'), widget('Terminal 1'));
  expect(unsaved()).toEqual(['Metadata']);
  expect(unsaved(false)).toEqual(['Metadata']); // on a page that does not count
});

it('is named when it is the raw settings editor', () => {
  open.push(Object.assign(widget('Advanced Settings Editor'), { content: { canSaveRaw: true } }));
  expect(unsaved()).toEqual(['Advanced Settings Editor']);
});

it('is told without a name when JupyterLab only counts it', () => {
  status.others = 1;
  expect(unsaved()).toEqual(['another part of this page']);
});

it('is found beside a document that stays unsaved, which keeps its mark', () => {
  models.forEach(model => (model.dirty = true));
  status.others = 1;
  expect(unsaved()).toEqual(['another part of this page']);
  expect(models.map(({ dirty }) => dirty)).toEqual([true]);
});

it('is not guessed while peers change a document', () => {
  models.push({ dirty: true, collaborative: true });
  expect(unsaved()).toEqual([]);
  expect(models.map(({ dirty }) => dirty)).toEqual([false, true]);
});
