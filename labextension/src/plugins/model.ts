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
  description: 'Keeps what the server says about the notebook instance.',
  autoStart: true,
  provides: IUpdateModel,
  activate: (app: JupyterFrontEnd): UpdateModel => {
    const base = URLExt.parse(PageConfig.getBaseUrl()).pathname;
    const model = new UpdateModel(pageOf(window.location.pathname, base));
    if (!PageConfig.getOption('nbUpdater')) {
      return model; // not a notebook instance, or the server extension is off: there is no server to ask
    }
    // Not awaited: the server must not hold the page up.
    void new Channel(new Api(app.serviceManager.serverSettings), model).run();
    window.addEventListener('pagehide', () => {
      model.sayBye();
    });
    return model;
  }
};
