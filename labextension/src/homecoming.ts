/**
 * What a tab does when the new server answers: save what came after the save round, if it can, and load itself again.
 */
import type { IDocumentReport } from './protocol';

export interface IHome {
  /** Whether anything in this tab is not saved. */
  isDirty: () => boolean;
  /** Save every document of this tab and prove it. */
  save: () => Promise<IDocumentReport[]>;
  reload: () => void;
  /** Let the person look before the page is loaded again. */
  askForReload: () => void;
}

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
    const reports = await home.save();
    return (
      reports.every(({ outcome }) => outcome === 'clean' || outcome === 'saved') && !home.isDirty()
    );
  };
  if (await isSafe().catch(() => false)) {
    home.reload();
  } else {
    home.askForReload();
  }
}
