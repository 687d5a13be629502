/**
 * A document that jupyter-collaboration shares: the server keeps it and writes it, and a tab waits for that.
 *
 * The tab's own save is not used. In jupyter-collaboration 3 it writes nothing, and asks about a conflict when the server has
 * just written; in 5 it tells of success when the disk is full.
 */
import { isSame } from './canonical';
import type { Disk, Reading } from './disk';
import { comparable, held } from './held';
import type { SavableContext } from './held';
import type { Rescue } from './rescue';
import { told } from './result';
import type { Result } from './result';

/** Milliseconds before each look at the disk. The server writes at the beginning of a round; a large notebook takes longer. */
const PAUSES = [0, 250, 500, 1000, 2000, 4000];

/** Have one shared document proven. */
export async function saveShared(
  context: SavableContext,
  reading: Reading,
  disk: Disk,
  rescue: Rescue
): Promise<Result> {
  const { model, localPath } = context;
  const { dirty } = model;
  const typed = held(context, reading);
  const onDisk = async () => {
    const found = await disk.read(localPath, reading);
    return found && comparable(found, reading);
  };
  switch (await settle(() => held(context, reading), onDisk)) {
    case 'same':
      model.dirty = false; // or the page would ask before it loads again
      return told(dirty ? 'saved' : 'clean');
    case 'replaced':
      return rescue.former(
        context,
        reading,
        'replaced: another version went over what was typed',
        typed
      );
    case 'deleted':
      return rescue.beside(context, reading, 'deleted: the file is no longer on disk');
    case 'different':
      return told('unverified', 'what is on disk is not what this tab holds');
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
export async function settle(
  held: () => unknown,
  onDisk: () => Promise<unknown>,
  pauses = PAUSES
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
