/**
 * JupyterLab's own dialogs during a save round.
 */
import { Dialog } from '@jupyterlab/apputils';

/** "File Save Error" comes a little after the save that it is about has failed. */
const LATE_DIALOG_MS = 1000;

/**
 * Do something while every dialog that JupyterLab opens is answered with its Cancel.
 *
 * A failed save asks or complains in a dialog of its own, and "File Changed" holds the save up until it is answered.
 * The page takes no input then, and what happened is told in the report.
 */
export async function suppressDialogs<T>(work: () => Promise<T>): Promise<T> {
  const cancel = (_: unknown, dialog: Dialog<unknown>) => {
    // It announces itself while it is built, and can be answered once it is launched.
    setTimeout(() => {
      dialog.reject();
    });
  };
  Dialog.tracker.widgetAdded.connect(cancel);
  try {
    return await work();
  } finally {
    setTimeout(() => Dialog.tracker.widgetAdded.disconnect(cancel), LATE_DIALOG_MS);
  }
}
