/**
 * The plugin that shows the banner, and takes it away when there is nothing to say.
 */
import { ILabShell } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';

import { Api } from '../api';
import { Banner, isBannerDue } from '../banner';
import { Language } from '../i18n';
import type { UpdateModel } from '../model';
import type { IState } from '../protocol';
import { place, unplace } from '../place';
import { IRestartFlow, IUpdateModel, NAME } from '../tokens';

/** Milliseconds: a deferral and a hold end without any message from the server, and what runs has run for longer. */
const LOOK_AGAIN = 30_000;

export const bannerPlugin: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:banner`,
  description: 'Says when the notebook instance needs a restart.',
  autoStart: true,
  requires: [IUpdateModel, IRestartFlow],
  optional: [ITranslator, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    flow: IRestartFlow,
    translator: ITranslator | null,
    lab: ILabShell | null
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
    const banner = new Banner(model, new Language(translator), {
      restart: () => {
        flow.ask();
      },
      why: () => {
        flow.why();
      },
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
    const refresh = () => {
      if (isBannerDue(model.state, model.now)) {
        place(banner, app.shell, lab);
        banner.refresh();
      } else {
        unplace(banner);
      }
    };
    void app.restored.then(() => {
      model.follow(refresh);
      setInterval(refresh, LOOK_AGAIN);
    });
  }
};
