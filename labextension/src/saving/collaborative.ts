/**
 * A document that jupyter-collaboration shares: the server keeps it and writes it, and a tab waits for that.
 *
 * The tab's own save is not used. In jupyter-collaboration 3 it writes nothing, and asks about a conflict when the server has
 * just written; in 5 it tells of success when the disk is full.
 */
import { isSame } from './compare';
import { diskContent, tabContent } from './content';
import type { SavableContext } from './content';
import type { ContentFormat, ContentsClient } from './contents';
import { report } from './rescueCopy';
import type { RescueCopies, SaveResult } from './rescueCopy';

/** Milliseconds before each look at the disk. The server writes at the beginning of a round; a large notebook takes longer. */
const COLLABORATIVE_POLLS_MS = [0, 250, 500, 1000, 2000, 4000];

/** Have one shared document proven. */
export async function saveCollaborative(
  context: SavableContext,
  reading: ContentFormat,
  disk: ContentsClient,
  rescue: RescueCopies
): Promise<SaveResult> {
  const { model, localPath } = context;
  const { dirty } = model;
  const typed = tabContent(context, reading);
  const onDisk = async () => {
    const found = await disk.read(localPath, reading);
    return found && diskContent(found, reading);
  };
  switch (await waitForServerSave(() => tabContent(context, reading), onDisk)) {
    case 'same':
      model.dirty = false; // or the page would ask before it loads again
      return report(dirty ? 'saved' : 'clean');
    case 'replaced':
      return rescue.rescueText(
        context,
        reading,
        'replaced: another version went over what was typed',
        typed
      );
    case 'deleted':
      return rescue.rescueCopy(context, reading, 'deleted: the file is no longer on disk');
    case 'different':
      return report('unverified', 'what is on disk is not what this tab holds');
  }
}

/**
 * Wait until the file holds what the tab holds.
 *
 * @param held - what the tab holds, now
 * @param onDisk - what is on disk, now; `null` without a file
 * @returns `same`; `replaced` when the tab came to the file instead: the server lets what something else wrote win over what was
 *   typed; `different` or `deleted` at the end
 */
export async function waitForServerSave(
  held: () => unknown,
  onDisk: () => Promise<unknown>,
  pauses = COLLABORATIVE_POLLS_MS
): Promise<'same' | 'replaced' | 'different' | 'deleted'> {
  let found: unknown = null;
  for (const pause of pauses) {
    await new Promise(resolve => setTimeout(resolve, pause));
    const before = found;
    found = await onDisk();
    if (found !== null && isSame(held(), found)) {
      return before !== null && isSame(before, found) ? 'replaced' : 'same';
    }
  }
  return found === null ? 'deleted' : 'different';
}
