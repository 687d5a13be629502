/**
 * Name what is unsaved in this page but is no document, such as the raw text of the settings editor.
 *
 * JupyterLab only counts what is unsaved (`ILabStatus`), documents among it; a widget that counts has a mark, or none.
 */
import type { ILabStatus, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

import type { SavableContext } from './tabContent';
import { widgetsIn } from './documents';

/** The name of something that has no title. */
const UNNAMED_WIDGET = 'another part of this page';

/**
 * Name what is unsaved and no document.
 *
 * @param contexts - the documents of this tab
 * @param isDocument - whether a widget shows one of them
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
  // The count has no parts. Without the documents it is that of everything else; nothing else runs in between.
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

/** Check for the mark in its title, or ask the raw settings editor, which has none. */
function isMarked(widget: Widget & { content?: Widget & { canSaveRaw?: boolean } }): boolean {
  return (
    widget.title.className.split(' ').includes('jp-mod-dirty') ||
    widget.content?.canSaveRaw === true
  );
}
