/**
 * Wait until the server has saved a document of jupyter-collaboration, which only the server writes.
 *
 * The tab's own save is not used. In jupyter-collaboration 3 it writes nothing, and reports a conflict if the server has just
 * written; in 5 it reports success even if the disk is full.
 */
import { COLLABORATIVE_POLLS_MS } from '../constants';
import { isSame } from './compare';
import { diskContent, tabContent } from './tabContent';
import type { SavableContext } from './tabContent';
import type { ContentFormat, ContentsClient } from './contents';
import { DELETED, report } from './decision';
import type { SaveResult } from './decision';
import type { RescueCopies } from './rescueCopy';

/** Verify that the server has saved a collaborative document. */
export async function saveCollaborative(
  context: SavableContext,
  format: ContentFormat,
  contents: ContentsClient,
  rescueCopies: RescueCopies
): Promise<SaveResult> {
  const { model, localPath } = context;
  const { dirty } = model;
  const typed = tabContent(context, format);
  const onDisk = async () => {
    const found = await contents.read(localPath, format);
    return found && diskContent(found, format);
  };
  switch (await waitForServerSave(() => tabContent(context, format), onDisk)) {
    case 'same':
      model.dirty = false; // otherwise the page would ask before it reloads
      return report(dirty ? 'saved' : 'clean');
    case 'replaced':
      return rescueCopies.rescueText(
        context,
        format,
        'replaced: another version went over what was typed',
        typed
      );
    case 'deleted':
      return rescueCopies.rescueCopy(context, format, DELETED);
    case 'different':
      return report('unverified', 'what is on disk is not what this tab holds');
  }
}

/**
 * Wait until the file has the content of the tab.
 *
 * @param inTab - returns the current content of the tab
 * @param onDisk - returns the current content on disk; `null` if the file does not exist
 * @param delaysMs - delays before each read of the file, in milliseconds
 * @returns `same`; `replaced` if the tab took over the content of the file, because the server prefers changes on disk to
 *   typed text; `different` or `deleted` after the last read
 */
export async function waitForServerSave(
  inTab: () => unknown,
  onDisk: () => Promise<unknown>,
  delaysMs: readonly number[] = COLLABORATIVE_POLLS_MS
): Promise<'same' | 'replaced' | 'different' | 'deleted'> {
  let found: unknown = null;
  for (const delay of delaysMs) {
    await new Promise(resolve => setTimeout(resolve, delay));
    const before = found;
    found = await onDisk();
    if (found !== null && isSame(inTab(), found)) {
      return before !== null && isSame(before, found) ? 'replaced' : 'same';
    }
  }
  return found === null ? 'deleted' : 'different';
}
