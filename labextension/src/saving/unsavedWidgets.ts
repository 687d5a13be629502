/**
 * List unsaved widgets of this page that are not documents, such as the raw settings editor.
 *
 * JupyterLab only counts unsaved widgets (`ILabStatus`), including documents; such a widget may or may not have a mark.
 */
import type { ILabStatus, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

import type { SavableContext } from './tabContent';
import { widgetsIn } from './documents';

/** Name of a widget without a title. */
const UNNAMED_WIDGET = 'another part of this page';

/**
 * Return the names of unsaved widgets that are not documents.
 *
 * @param shell - shell that contains the widgets
 * @param status - JupyterLab's count of unsaved widgets; `null` if the page has none
 * @param contexts - documents of this tab
 * @param isDocument - whether a widget shows a document
 */
export function unsavedWidgets(
  shell: JupyterFrontEnd.IShell,
  status: ILabStatus | null,
  contexts: Pick<SavableContext, 'model'>[],
  isDocument: (widget: Widget) => boolean
): string[] {
  const named = widgetsIn(shell)
    .filter(widget => isMarked(widget) && !isDocument(widget))
    .map(({ title }) => title.label || UNNAMED_WIDGET);
  const isUnsaved = () => status?.isDirty === true;
  if (named.length > 0 || !isUnsaved()) {
    return named;
  }
  // Only the total is known. While the documents are marked as saved, it is that of everything else.
  const dirty = contexts.filter(({ model }) => model.dirty && !model.collaborative);
  const mark = (isDirty: boolean) => {
    dirty.forEach(({ model }) => {
      model.dirty = isDirty;
    });
  };
  mark(false);
  const isAnother = isUnsaved() && !contexts.some(({ model }) => model.dirty);
  mark(true);
  return isAnother ? [UNNAMED_WIDGET] : [];
}

/** Check for the mark in the title; the raw settings editor has none, but a property. */
function isMarked(widget: Widget & { content?: Widget & { canSaveRaw?: boolean } }): boolean {
  return (
    widget.title.className.split(' ').includes('jp-mod-dirty') ||
    widget.content?.canSaveRaw === true
  );
}
