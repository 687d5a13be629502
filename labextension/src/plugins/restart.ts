/**
 * The plugin that restarts: the command, the dialogs, and this tab's way through the time without a server.
 */
import { ILabStatus, JupyterLab } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import { CommandIDs, NAME } from '../constants';
import { Language } from '../i18n/language';
import { commandLabel } from '../i18n/restart';
import { DialogManager } from '../restart/dialogManager';
import { Reconnect, reloadWhenSafe } from '../restart/reconnect';
import { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { stopsOnly } from '../server/protocol';
import { IRestartDialogs, ISaveAll, IUpdateModel } from '../tokens';

/** Milliseconds in which this tab saves what came after the save round. */
const LAST_SAVE = 20_000;

/** Milliseconds after which a notice is shown although JupyterLab still restores its layout. */
const LATEST = 15_000;

/** What is seen of us, in a file of its own. */
const bring = () => import(/* webpackChunkName: "dialogs" */ '../ui');

// It begins to come with the page, not after it: the banner waits for it. If it does not, the flow asks again.
void bring().catch(() => undefined);

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
    const reload = () => {
      window.location.reload();
    };
    const up = Promise.race([app.restored, new Promise(done => setTimeout(done, LATEST))]);
    const flow = new DialogManager(model, api, language, reload, bring, up);
    void flow.loadUi(); // at once: the banner waits for it, however much JupyterLab has to restore
    const away = new Reconnect(api, model, info);
    app.commands.addCommand(CommandIDs.restart, {
      label: () => commandLabel(language, model.state ? stopsOnly(model.state.return_path) : false),
      caption: language.trans.__('Save every document, then restart the notebook instance'),
      isVisible: () => model.state !== null,
      isEnabled: () => ['idle', 'waiting'].includes(model.state?.restart.phase ?? ''),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        flow.confirmRestart();
      }
    });
    app.commands.addCommand(CommandIDs.addedPackages, {
      label: language.trans.__('Put Back Added Packages…'),
      caption: language.trans.__('List the packages that were added before the last restart'),
      isVisible: () => model.state !== null,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        flow.showAddedPackages();
      }
    });
    const category = language.trans.__('Notebook Instance');
    for (const command of [CommandIDs.restart, CommandIDs.addedPackages]) {
      palette?.addItem({ command, category });
    }
    void flow.surfaces.then(({ PackageNotification }) => {
      const herald = new PackageNotification(model, language, Notification, () => {
        flow.showAddedPackages();
      });
      const look = () => {
        herald.refresh(flow.isOpen);
      };
      flow.dialogChanged.connect(look);
      model.observe(look);
    });
    let isHome = false;
    model.observe(() => {
      away.update();
      flow.refresh();
      app.commands.notifyCommandChanged(CommandIDs.restart);
      if (model.isReplaced && !isHome) {
        isHome = true;
        void reloadWhenSafe({
          isDirty: () =>
            status?.isDirty === true || model.documents.some(document => document.dirty),
          save: () => saver.save(LAST_SAVE),
          discardRescued: saver.discardRescued,
          reload,
          askForReload: () => {
            flow.askForReload();
          }
        });
      }
    });
    return flow;
  }
};
