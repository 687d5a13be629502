/**
 * The tokens by which the plugins find each other, and with which other extensions can use them.
 */
import { Token } from '@lumino/coreutils';

import { NAME } from './constants';
import type { UpdateModel } from './server/model';
import type { ITabReport } from './server/protocol';

/** What this tab knows about the notebook instance. */
export const IUpdateModel = new Token<UpdateModel>(
  `${NAME}:IUpdateModel`,
  'The state of the notebook instance as the server last told this tab.'
);

/** What this tab can do about its unsaved work. */
export interface ISaveAll {
  /** Save and prove every document of this tab, within so many milliseconds. */
  save: (budgetMs: number) => Promise<ITabReport>;
  /** Clear the dirty flag of documents whose content is proven in a rescue copy, so that the page can be left. */
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
  /** Explain why a restart is advised. */
  explain: () => void;
}

export const IRestartDialogs = new Token<IRestartDialogs>(
  `${NAME}:IRestartDialogs`,
  'The dialogs that lead to a restart of the notebook instance.'
);
