/**
 * Show that a restart is recommended: in the banner, in a status bar item, or not at all.
 */
import { ILabShell } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { BANNER_REFRESH_MS, MIN_BANNER_REFRESH_MS, NAME } from '../constants';
import { Language } from '../i18n/language';
import { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { IState } from '../server/protocol';
import { IRestartDialogs, IUpdateModel } from '../tokens';
import { attachBanner, detachBanner } from '../ui/attachBanner';
import { displayStage } from '../ui/displayStage';
import { lazyUi } from '../ui/lazyUi';

export const bannerPlugin: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:banner`,
  description: 'Says when the notebook instance needs a restart.',
  autoStart: true,
  requires: [IUpdateModel, IRestartDialogs],
  optional: [ITranslator, ILabShell, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    dialogs: IRestartDialogs,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    statusBar: IStatusBar | null
  ): void => {
    const api = new Api(app.serviceManager.serverSettings);
    const update = (answer: Promise<IState>) => {
      answer.then(
        state => {
          model.update(state);
        },
        () => undefined // the button stays, so that the user can retry
      );
    };
    const language = new Language(translator);
    const explain = () => {
      dialogs.explain();
    };
    void lazyUi.loaded.then(({ Banner, StatusItem }) => {
      const banner = new Banner(model, language, {
        restart: () => {
          dialogs.confirmRestart();
        },
        why: explain,
        defer: () => {
          update(api.defer());
        },
        cancel: () => {
          update(api.dismissRestart());
        },
        release: () => {
          update(api.release());
        }
      });
      const item = statusBar && new StatusItem(model, language, statusBar, explain);
      const refresh = () => {
        const stage = displayStage(model.state, model.adviceNow, statusBar !== null);
        if (stage === 'banner' || stage === 'countdown') {
          attachBanner(banner, app.shell, labShell);
          banner.refresh();
        } else {
          detachBanner(banner);
        }
        item?.refresh(stage === 'quiet');
      };
      const refreshOften = () => {
        refresh();
        const { rate = 1 } = model.state?.advice.clock ?? {};
        const delay = Math.max(MIN_BANNER_REFRESH_MS, BANNER_REFRESH_MS / rate);
        setTimeout(refreshOften, Math.min(BANNER_REFRESH_MS, delay));
      };
      model.observe(refresh);
      refreshOften();
    });
  }
};
