/**
 * What a tab does when the new server answers: save what came after the save round, if it can, and load itself again.
 */
import type { ITabReport } from './protocol';

export interface IHome {
  /** Whether anything in this tab is not saved. */
  isDirty: () => boolean;
  /** Save every document of this tab and prove it. */
  save: () => Promise<ITabReport>;
  /** Let go of what is proven in a rescue copy. */
  letGo: () => void;
  reload: () => void;
  /** Let the person look before the page is loaded again. */
  askForReload: () => void;
}

/** What is on the volume, in its file or beside it. */
const KEPT = new Set(['clean', 'saved', 'rescued']);

/**
 * Load the page again, which is the honest reconnect: its kernels and terminals are gone.
 *
 * A kernel may have written output after the documents were saved. That is saved now, to the new server; only what
 * cannot be is left to the person.
 */
export async function comeHome(home: IHome): Promise<void> {
  const isSafe = async () => {
    if (!home.isDirty()) {
      return true;
    }
    const { documents, elsewhere } = await home.save();
    if (elsewhere.length > 0 || !documents.every(({ outcome }) => KEPT.has(outcome))) {
      return false;
    }
    home.letGo();
    return !home.isDirty();
  };
  if (await isSafe().catch(() => false)) {
    home.reload();
  } else {
    home.askForReload();
  }
}
