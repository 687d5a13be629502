/**
 * The plugin that says it: with the banner, with a quiet item in the status bar, or not at all.
 */
import { ILabShell } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';

import { Api } from '../api';
import { Language } from '../i18n';
import { rungOf } from '../ladder';
import type { UpdateModel } from '../model';
import type { IState } from '../protocol';
import { place, unplace } from '../place';
import { IRestartFlow, IUpdateModel, NAME } from '../tokens';

/** Milliseconds: time passes without any message from the server; of a simulated clock faster, but no page looks all the time. */
const LOOK_AGAIN = 30_000;
const AT_LEAST = 1000;

export const bannerPlugin: JupyterFrontEndPlugin<void> = {
  id: `${NAME}:banner`,
  description: 'Says when the notebook instance needs a restart.',
  autoStart: true,
  requires: [IUpdateModel, IRestartFlow],
  optional: [ITranslator, ILabShell, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    flow: IRestartFlow,
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
      flow.why();
    };
    void flow.surfaces.then(({ Banner, Item }) => {
      const banner = new Banner(model, language, {
        restart: () => {
          flow.ask();
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
      const item = bar && new Item(model, language, bar, why);
      const refresh = () => {
        const rung = rungOf(model.state, model.adviceNow, bar !== null);
        if (rung === 'banner' || rung === 'countdown') {
          place(banner, app.shell, lab);
          banner.refresh();
        } else {
          unplace(banner);
        }
        item?.refresh(rung === 'quiet');
      };
      const again = () => {
        refresh();
        const { rate = 1 } = model.state?.advice.clock ?? {};
        setTimeout(again, Math.min(LOOK_AGAIN, Math.max(AT_LEAST, LOOK_AGAIN / rate)));
      };
      model.follow(refresh);
      again();
    });
  }
};
