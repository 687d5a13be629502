/**
 * The plugin that says it: with the banner, with a quiet item in the status bar, or not at all.
 */
import { ILabShell } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { NAME } from '../constants';
import { Language } from '../i18n/language';
import { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import type { IState } from '../server/protocol';
import { IRestartDialogs, IUpdateModel } from '../tokens';
import { attachBanner, detachBanner } from '../ui/attachBanner';
import { displayStage } from '../ui/displayStage';

/** Milliseconds: time passes without any message from the server; of a simulated clock faster, but no page looks all the time. */
const LOOK_AGAIN = 30_000;
const AT_LEAST = 1000;

export const bannerPlugin: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:banner`,
  description: 'Says when the notebook instance needs a restart.',
  autoStart: true,
  requires: [IUpdateModel, IRestartDialogs],
  optional: [ITranslator, ILabShell, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    flow: IRestartDialogs,
    translator: ITranslator | null,
    lab: ILabShell | null,
    bar: IStatusBar | null
  ): void => {
    const api = new Api(app.serviceManager.serverSettings);
    const take = (answer: Promise<IState>) => {
      answer.then(
        state => {
          model.update(state);
        },
        () => undefined // it stays, and can be asked again
      );
    };
    const language = new Language(translator);
    const why = () => {
      flow.explain();
    };
    void flow.surfaces.then(({ Banner, StatusItem }) => {
      const banner = new Banner(model, language, {
        restart: () => {
          flow.confirmRestart();
        },
        why,
        defer: () => {
          take(api.defer());
        },
        cancel: () => {
          take(api.dismissRestart());
        },
        release: () => {
          take(api.release());
        }
      });
      const item = bar && new StatusItem(model, language, bar, why);
      const refresh = () => {
        const rung = displayStage(model.state, model.adviceNow, bar !== null);
        if (rung === 'banner' || rung === 'countdown') {
          attachBanner(banner, app.shell, lab);
          banner.refresh();
        } else {
          detachBanner(banner);
        }
        item?.refresh(rung === 'quiet');
      };
      const again = () => {
        refresh();
        const { rate = 1 } = model.state?.advice.clock ?? {};
        setTimeout(again, Math.min(LOOK_AGAIN, Math.max(AT_LEAST, LOOK_AGAIN / rate)));
      };
      model.observe(refresh);
      again();
    });
  }
};
