/**
 * The names by which the rest of the page finds us: plugin ids, command ids and the token of the model.
 */
import { Token } from '@lumino/coreutils';

import type { Surfaces } from './arrival';
import type { UpdateModel } from './model';
import type { ITabReport } from './protocol';

/** The name of the npm package and the prefix of every plugin id. */
export const NAME = 'jupyter-nb-updater';

/** The gettext domain. */
export const DOMAIN = 'jupyter_nb_updater';

/** The part of the URL below which the server extension answers. */
export const NAMESPACE = 'nb-updater';

export const CommandIDs = {
  restart: 'nb-updater:restart',
  added: 'nb-updater:added-packages'
} as const;

/** What this tab knows about the notebook instance: the last state that the server told. */
export const IUpdateModel = new Token<UpdateModel>(
  `${NAME}:IUpdateModel`,
  'The state of the notebook instance as the server last told this tab.'
);

/** What this tab can do about its unsaved work. */
export interface ISaveAll {
  /** Save and prove every document of this tab, within a budget in milliseconds. */
  save: (budget: number) => Promise<ITabReport>;
  /** Let go of what is proven in a rescue copy, so that the page can be left without a question. */
  letGo: () => void;
}

export const ISaveAll = new Token<ISaveAll>(
  `${NAME}:ISaveAll`,
  'Saves every open document of this tab and proves it by reading it back.'
);

/** The dialogs that lead to a restart. */
export interface IRestartFlow {
  /** Ask whether to restart. */
  ask: () => void;
  /** Say why a restart is advised. */
  why: () => void;
  /** What is loaded right after the page, once it is here. */
  surfaces: Promise<Surfaces>;
}

export const IRestartFlow = new Token<IRestartFlow>(
  `${NAME}:IRestartFlow`,
  'The dialogs that lead to a restart of the notebook instance.'
);
