/**
 * The names by which the rest of the page finds us: plugin ids, command ids and the token of the model.
 */
import { Token } from '@lumino/coreutils';

import { NAME } from './constants';
import type { UpdateModel } from './server/model';
import type { ITabReport } from './server/protocol';
import type { Ui } from './ui/lazyUi';

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
  discardRescued: () => void;
}

export const ISaveAll = new Token<ISaveAll>(
  `${NAME}:ISaveAll`,
  'Saves every open document of this tab and proves it by reading it back.'
);

/** The dialogs that lead to a restart. */
export interface IRestartDialogs {
  /** Ask whether to restart. */
  confirmRestart: () => void;
  /** Say why a restart is advised. */
  explain: () => void;
  /** What is loaded right after the page, once it is here. */
  surfaces: Promise<Ui>;
}

export const IRestartDialogs = new Token<IRestartDialogs>(
  `${NAME}:IRestartFlow`,
  'The dialogs that lead to a restart of the notebook instance.'
);
