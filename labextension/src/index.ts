/**
 * The plugins of this extension. All dependencies except the document manager are optional, so that one bundle works in
 * JupyterLab 4 and Notebook 7.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { bannerPlugin } from './plugins/banner';
import { modelPlugin } from './plugins/model';
import { restartPlugin } from './plugins/restart';
import { saverPlugin } from './plugins/saver';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  modelPlugin,
  saverPlugin,
  restartPlugin,
  bannerPlugin
];

export default plugins;
