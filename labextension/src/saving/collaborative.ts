/**
 * Wait until the server has saved a document of jupyter-collaboration: the server keeps it and writes it.
 *
 * The tab's own save is not used. In jupyter-collaboration 3 it writes nothing, and asks about a conflict when the server
 * has just written; in 5 it reports success when the disk is full.
 */
import { COLLABORATIVE_POLLS_MS } from '../constants';
import { isSame } from './compare';
import { diskContent, tabContent } from './tabContent';
import type { SavableContext } from './tabContent';
import type { ContentFormat, ContentsClient } from './contents';
import { DELETED, report } from './decision';
import type { SaveResult } from './decision';
import type { RescueCopies } from './rescueCopy';

/** Prove that the server has saved one collaborative document. */
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
      model.dirty = false; // or the page would ask before it loads again
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
 * Wait until the file holds what the tab holds.
 *
 * @param inTab - what the tab holds, now
 * @param onDisk - what is on disk, now; `null` without a file
 * @param delaysMs - before each read of the file, in milliseconds
 * @returns `same`; `replaced` when the tab came to hold what was in the file: the server lets what something else wrote
 *   win over what was typed; `different` or `deleted` at the end
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
