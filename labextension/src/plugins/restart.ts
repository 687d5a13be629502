/**
 * Restart: commands, dialogs, and the reconnection of this tab.
 */
import { ILabStatus, JupyterLab } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { CommandIDs, LAST_SAVE_MS, MAX_RESTORE_WAIT_MS, NAME } from '../constants';
import { Language } from '../i18n/language';
import { commandLabel } from '../i18n/restart';
import { DialogManager } from '../restart/dialogManager';
import { Reconnect, reloadWhenSafe } from '../restart/reconnect';
import { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { stopsOnly } from '../server/protocol';
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
    const dialogs = new DialogManager(model, api, language, lazyUi, reload, appReady);
    void dialogs.loadUi(); // not after JupyterLab has restored its layout, because the banner needs it
    const reconnect = new Reconnect(api, model, info);
    app.commands.addCommand(CommandIDs.restart, {
      label: () => commandLabel(language, model.state ? stopsOnly(model.state.return_path) : false),
      caption: trans.__('Save every document, then restart the notebook instance'),
      isVisible: () => model.state !== null,
      isEnabled: () => ['idle', 'waiting'].includes(model.state?.restart.phase ?? ''),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        dialogs.confirmRestart();
      }
    });
    const showAddedPackages = () => {
      dialogs.showAddedPackages();
    };
    app.commands.addCommand(CommandIDs.addedPackages, {
      label: trans.__('Put Back Added Packages…'),
      caption: trans.__('List the packages that were added before the last restart'),
      isVisible: () => model.state !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: showAddedPackages
    });
    const category = trans.__('Notebook Instance');
    for (const command of [CommandIDs.restart, CommandIDs.addedPackages]) {
      palette?.addItem({ command, category });
    }
    void lazyUi.loaded.then(({ PackageNotification }) => {
      const notification = new PackageNotification(
        model,
        language,
        Notification,
        showAddedPackages
      );
      const refresh = () => {
        notification.refresh(dialogs.isOpen);
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
