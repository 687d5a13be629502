/**
 * Tokens of the services that the plugins provide to each other and to other extensions.
 */
import { Token } from '@lumino/coreutils';

import { NAME } from './constants';
import type { UpdateModel } from './server/model';
import type { ITabReport } from './server/protocol';

/** What this tab knows about the notebook instance. */
export const IUpdateModel = new Token<UpdateModel>(
  `${NAME}:IUpdateModel`,
  'The last state of the notebook instance that this tab received from the server.'
);

/** Saves the unsaved work of this tab. */
export interface ISaveAll {
  /** Save and verify every document of this tab, within `budgetMs` milliseconds. */
  save: (budgetMs: number) => Promise<ITabReport>;
  /** Clear the dirty flag of documents with a verified rescue copy, so that the page can be closed. */
  discardRescued: () => void;
}

export const ISaveAll = new Token<ISaveAll>(
  `${NAME}:ISaveAll`,
  'Saves every open document of this tab and verifies it on disk.'
);

/** The dialogs that lead to a restart. */
export interface IRestartDialogs {
  /** Ask whether to restart. */
  confirmRestart: () => void;
  /** Explain why a restart is recommended. */
  explain: () => void;
}

export const IRestartDialogs = new Token<IRestartDialogs>(
  `${NAME}:IRestartDialogs`,
  'The dialogs that lead to a restart of the notebook instance.'
);
