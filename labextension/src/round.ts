/**
 * This tab's answer to a save round: every open document, saved and proven, within the time that the server gives.
 */
import type { IDocumentReport } from './protocol';
import type { SavableContext, Saver } from './saver';

/** How many documents are saved at the same time: enough to be quick, few enough not to queue behind each other. */
const PARALLEL = 6;

/** From proof to doubt: a path that is open twice answers with the later one. */
const BY_DOUBT: IDocumentReport['outcome'][] = [
  'clean',
  'saved',
  'rescued',
  'read-only',
  'unverified',
  'timeout',
  'failed'
];

/**
 * Save everything.
 *
 * @param contexts - the contexts of this tab, several of which may be about one file
 * @param budget - milliseconds after which what is not proven is reported as `timeout`
 * @returns one report a path
 */
export async function saveAll(
  saver: Pick<Saver, 'save'>,
  contexts: SavableContext[],
  budget: number
): Promise<IDocumentReport[]> {
  const reports = new Map<string, IDocumentReport>();
  const waiting = [...byPath(contexts)];
  for (const [path] of waiting) {
    reports.set(path, { path, outcome: 'timeout', detail: 'there was no time left for it' });
  }
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [path, views] = next;
      reports.set(path, await saveFile(saver, path, views));
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<void>(resolve => {
    timer = setTimeout(resolve, budget);
  });
  await Promise.race([Promise.all(Array.from({ length: PARALLEL }, worker)), bound]);
  clearTimeout(timer);
  waiting.length = 0; // whatever has not begun by now must not begin later
  return [...reports.values()];
}

/** One file, whose views are saved one after the other so that they see each other's writes. */
async function saveFile(
  saver: Pick<Saver, 'save'>,
  path: string,
  views: SavableContext[]
): Promise<IDocumentReport> {
  if (views.filter(view => view.model.dirty).length > 1) {
    const detail = 'conflict: it is open twice, with different unsaved changes';
    return { path, outcome: 'failed', detail };
  }
  // The dirty one first: the others are then merely stale.
  const ordered = [...views].sort((a, b) => Number(b.model.dirty) - Number(a.model.dirty));
  const reports: IDocumentReport[] = [];
  for (const view of ordered) {
    reports.push(await saver.save(view));
  }
  const doubt = (report: IDocumentReport) => BY_DOUBT.indexOf(report.outcome);
  return reports.reduce((worst, report) => (doubt(report) > doubt(worst) ? report : worst));
}

function byPath(contexts: SavableContext[]): Map<string, SavableContext[]> {
  const files = new Map<string, SavableContext[]>();
  for (const context of contexts) {
    files.set(context.localPath, [...(files.get(context.localPath) ?? []), context]);
  }
  return files;
}
