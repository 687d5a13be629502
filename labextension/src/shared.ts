/**
 * A document that jupyter-collaboration shares: the server keeps it and writes it, and a tab waits for that.
 *
 * The tab's own save is not used. In jupyter-collaboration 3 it writes nothing, and asks about a conflict when the server has
 * just written; in 5 it tells of success when the disk is full.
 */
import { isSame } from './canonical';

/** Milliseconds before each look at the disk. The server writes at the beginning of a round; a large notebook takes longer. */
const PAUSES = [0, 250, 500, 1000, 2000, 4000];

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
