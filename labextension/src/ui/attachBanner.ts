/**
 * Where the banner goes: JupyterLab has a `header` area for it; Notebook 7 has none, so there it is put on top of the
 * shell's own layout.
 */
import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { BoxLayout } from '@lumino/widgets';
import type { Widget } from '@lumino/widgets';

/** Show a widget above everything, once. */
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

/** Take it away again, and give its line back to the page. */
export function detachBanner(widget: Widget): void {
  if (widget.isAttached) {
    widget.parent = null;
  }
}
