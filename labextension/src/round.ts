/**
 * This tab's answer to a save round: every open document, saved and proven, within the time that the server gives.
 */
import type { SavableContext } from './held';
import type { IDocumentReport } from './protocol';
import type { Saver } from './saver';
import { trailOf } from './trail';

/** How many documents are saved at the same time: enough to be quick, few enough for the page to stay responsive. */
const PARALLEL = 3;

/**
 * Save everything.
 *
 * @param contexts - the contexts of this tab, several of which may be about one file
 * @param budget - milliseconds after which what is not proven is reported as `timeout`
 * @returns one report a path, and one more for each further view of it that was not merely clean
 */
export async function saveAll(
  saver: Pick<Saver, 'save'>,
  contexts: SavableContext[],
  budget: number
): Promise<IDocumentReport[]> {
  const reports = new Map<string, IDocumentReport[]>();
  const waiting = [...byPath(contexts)];
  for (const [path] of waiting) {
    const detail = 'there was no time left for it';
    reports.set(path, [{ path, outcome: 'timeout', detail, copy: null }]);
  }
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [path, views] = next;
      reports.set(path, await saveFile(saver, views));
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<void>(resolve => {
    timer = setTimeout(resolve, budget);
  });
  await Promise.race([Promise.all(Array.from({ length: PARALLEL }, worker)), bound]);
  clearTimeout(timer);
  waiting.length = 0; // whatever has not begun by now must not begin later
  return [...reports.values()].flat();
}

/** One file, whose views are saved one after the other so that they see each other's writes. */
async function saveFile(
  saver: Pick<Saver, 'save'>,
  views: SavableContext[]
): Promise<IDocumentReport[]> {
  // What may be new first: the others are then merely stale.
  const ordered = [...views].sort(
    (a, b) => Number(trailOf(b).isTouched) - Number(trailOf(a).isTouched)
  );
  const reports: IDocumentReport[] = [];
  for (const view of ordered) {
    reports.push(await saver.save(view));
  }
  const told = reports.filter(({ outcome }) => outcome !== 'clean');
  return told.length > 0 ? told : reports.slice(0, 1);
}

function byPath(contexts: SavableContext[]): Map<string, SavableContext[]> {
  const files = new Map<string, SavableContext[]>();
  for (const context of contexts) {
    files.set(context.localPath, [...(files.get(context.localPath) ?? []), context]);
  }
  return files;
}
