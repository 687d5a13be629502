/**
 * Put the banner into the page: JupyterLab has a `header` area for it; Notebook 7 has none, so there it is put on top
 * of the shell's own layout.
 */
import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { BoxLayout } from '@lumino/widgets';
import type { Widget } from '@lumino/widgets';

/** Attach a widget above everything, once. */
export function attachBanner(
  widget: Widget,
  shell: JupyterFrontEnd.IShell,
  lab: ILabShell | null
): void {
  if (widget.isAttached) {
    return;
  }
  if (lab) {
    lab.add(widget, 'header', { rank: 0 });
    return;
  }
  const { layout } = shell as Partial<Widget>;
  if (layout instanceof BoxLayout) {
    BoxLayout.setStretch(widget, 0);
    layout.insertWidget(0, widget);
  }
}

/** Detach it again, so that the page gets its line back. */
export function detachBanner(widget: Widget): void {
  if (widget.isAttached) {
    widget.parent = null;
  }
}
