/**
 * Restart: commands, dialogs, and the reconnection of this tab.
 */
import { ILabStatus, JupyterLab } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { CommandIDs, LAST_SAVE_MS, MAX_RESTORE_WAIT_MS, NAME } from '../constants';
import { Language } from '../i18n/language';
import { commandLabel } from '../i18n/restart';
import { DialogManager } from '../restart/dialogManager';
import { Reconnect, reloadWhenSafe } from '../restart/reconnect';
import { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { isRunning, stopsOnly } from '../server/protocol';
import { IRestartDialogs, ISaveAll, IUpdateModel } from '../tokens';
import { lazyUi } from '../ui/lazyUi';

// Load it together with the page, because the banner needs it. If that fails, the manager retries.
void lazyUi.load();

export const restartPlugin: JupyterFrontEndPlugin<IRestartDialogs> = {
  id: `${NAME}:restart`,
  description: 'Saves everything and restarts the notebook instance.',
  autoStart: true,
  provides: IRestartDialogs,
  requires: [IUpdateModel, ISaveAll],
  optional: [ITranslator, JupyterLab.IInfo, ILabStatus, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    saver: ISaveAll,
    translator: ITranslator | null,
    info: JupyterLab.IInfo | null,
    status: ILabStatus | null,
    palette: ICommandPalette | null
  ): IRestartDialogs => {
    const api = new Api(app.serviceManager.serverSettings);
    const language = new Language(translator);
    const { trans } = language;
    const reload = () => {
      window.location.reload();
    };
    const waited = new Promise(resolve => setTimeout(resolve, MAX_RESTORE_WAIT_MS));
    const appReady = Promise.race([app.restored, waited]);
    const openFiles = (paths: string[]) => {
      void openBeside(app, paths);
    };
    const dialogs = new DialogManager(model, api, language, lazyUi, reload, openFiles, appReady);
    void dialogs.loadUi(); // not after JupyterLab has restored its layout, because the banner needs it
    const reconnect = new Reconnect(api, model, info);
    app.commands.addCommand(CommandIDs.restart, {
      label: () => commandLabel(language, model.state ? stopsOnly(model.state.return_path) : false),
      caption: trans.__('Save all documents, then restart the notebook instance'),
      isVisible: () => model.state !== null,
      isEnabled: () => !isRunning(model.state?.restart.phase ?? 'stopping'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        dialogs.confirmRestart();
      }
    });
    const showAddedPackages = () => {
      dialogs.showAddedPackages();
    };
    app.commands.addCommand(CommandIDs.addedPackages, {
      label: trans.__('Reinstall Packages…'),
      caption: trans.__('List the packages you installed before the last restart'),
      isVisible: () => model.state !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: showAddedPackages
    });
    const category = trans.__('Notebook Instance');
    for (const command of [CommandIDs.restart, CommandIDs.addedPackages]) {
      palette?.addItem({ command, category });
    }
    void lazyUi.loaded.then(({ PackageNotification, RefusalNotification }) => {
      const notification = new PackageNotification(
        model,
        language,
        Notification,
        showAddedPackages
      );
      const refusal = new RefusalNotification(model, language, Notification, () => {
        dialogs.explainRefusal();
      });
      const refresh = () => {
        notification.refresh(dialogs.isOpen);
        refusal.refresh();
      };
      dialogs.dialogChanged.connect(refresh);
      model.observe(refresh);
    });
    let isReloading = false;
    model.observe(() => {
      reconnect.update();
      dialogs.refresh();
      app.commands.notifyCommandChanged(CommandIDs.restart);
      if (model.isReplaced && !isReloading) {
        isReloading = true;
        void reloadWhenSafe({
          isDirty: () =>
            status?.isDirty === true || model.documents.some(document => document.dirty),
          save: () => saver.save(LAST_SAVE_MS),
          discardRescued: saver.discardRescued,
          reload,
          askForReload: () => {
            dialogs.askForReload();
          }
        });
      }
    });
    return dialogs;
  }
};

/** Open files: in JupyterLab beside each other, in Notebook each in a browser tab. One that is gone is left out. */
async function openBeside({ commands }: JupyterFrontEnd, paths: string[]): Promise<void> {
  let ref: string | undefined;
  for (const path of paths) {
    try {
      const options = ref ? { mode: 'split-right', ref } : {};
      const opened = (await commands.execute('docmanager:open', { path, options })) as
        Widget | undefined;
      ref = opened?.id ?? ref;
    } catch {
      continue;
    }
  }
}
