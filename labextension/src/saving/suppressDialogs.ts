/**
 * Keep JupyterLab's own dialogs away during a save round.
 */
import { Dialog } from '@jupyterlab/apputils';

import { LATE_DIALOG_MS } from '../constants';

/**
 * Run something while every dialog that JupyterLab opens is answered with its Cancel.
 *
 * A failed save asks or complains in a dialog of its own, and "File Changed" holds the save up until it is answered.
 * The page takes no input then, and the report says what happened.
 */
export async function suppressDialogs<T>(run: () => Promise<T>): Promise<T> {
  const cancel = (_: unknown, dialog: Dialog<unknown>) => {
    // It announces itself while it is built, and can be answered once it is launched.
    setTimeout(() => {
      dialog.reject();
    });
  };
  Dialog.tracker.widgetAdded.connect(cancel);
  try {
    return await run();
  } finally {
    // "File Save Error" comes a little after the save that failed.
    setTimeout(() => Dialog.tracker.widgetAdded.disconnect(cancel), LATE_DIALOG_MS);
  }
}
