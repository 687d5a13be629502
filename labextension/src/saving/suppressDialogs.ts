/**
 * Dismiss JupyterLab's own dialogs during a save round.
 */
import { Dialog } from '@jupyterlab/apputils';

import { LATE_DIALOG_MS } from '../constants';

/**
 * Run a function and cancel every dialog that JupyterLab opens meanwhile.
 *
 * After a failed save JupyterLab opens a dialog, and "File Changed" blocks the save until it is answered. The page accepts no
 * input during a save round, and the report says what happened.
 */
export async function suppressDialogs<T>(run: () => Promise<T>): Promise<T> {
  const cancel = (_: unknown, dialog: Dialog<unknown>) => {
    // The signal is emitted while the dialog is created; it can be answered once it is launched.
    setTimeout(() => {
      dialog.reject();
    });
  };
  Dialog.tracker.widgetAdded.connect(cancel);
  try {
    return await run();
  } finally {
    // "File Save Error" appears shortly after the failed save.
    setTimeout(() => Dialog.tracker.widgetAdded.disconnect(cancel), LATE_DIALOG_MS);
  }
}
