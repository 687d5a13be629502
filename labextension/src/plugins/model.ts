/**
 * Connect this tab to the server extension, and keep the latest state.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';

import { NAME } from '../constants';
import { Api } from '../server/api';
import { Channel } from '../server/channel';
import { UpdateModel, pageOf } from '../server/model';
import { IUpdateModel } from '../tokens';

export const modelPlugin: JupyterFrontEndPlugin<UpdateModel> = {
  id: `${NAME}:model`,
  description: 'Keeps the state of the notebook instance from the server.',
  autoStart: true,
  provides: IUpdateModel,
  activate: (app: JupyterFrontEnd): UpdateModel => {
    const base = URLExt.parse(PageConfig.getBaseUrl()).pathname;
    const page = pageOf(window.location.pathname, base);
    const model = new UpdateModel(page, undefined, window.sessionStorage);
    if (!PageConfig.getOption('nbUpdater')) {
      return model; // not a notebook instance, or the server extension is disabled
    }
    // Not awaited, because the server must not delay the page.
    void new Channel(new Api(app.serviceManager.serverSettings), model).run();
    window.addEventListener('pagehide', () => {
      model.sayBye();
    });
    return model;
  }
};
