/**
 * Take part in a save round: save and verify every open document of this tab within the server's time limit.
 */
import { DEFAULT_BUDGET_MS, MIN_BUDGET_MS, SERVER_MARGIN_MS } from '../constants';
import type { UpdateModel } from '../server/model';
import type { IDocumentReport } from '../server/protocol';
import type { ISaveAll } from '../tokens';
import { trackerOf } from './changeTracker';
import type { SavableContext } from './tabContent';
import type { Saver } from './saver';

/** Number of documents to save concurrently: fast, but the page stays responsive. */
const MAX_PARALLEL_SAVES = 3;

/**
 * Report in save rounds. A state with the phase `saving` and a new id is the request, so that a tab that joins late takes
 * part too.
 */
export class SaveRoundResponder {
  constructor(
    private readonly model: UpdateModel,
    private readonly saver: Pick<ISaveAll, 'save'>
  ) {}

  /** Report in the round of the current state, once. */
  respond(): void {
    const { phase, id, deadline } = this.model.state?.restart ?? {};
    if (phase === 'saving' && id && id !== this._answered) {
      this._answered = id;
      const left = Date.parse(deadline ?? '') - this.model.now - SERVER_MARGIN_MS;
      void this.answer(id, Number.isNaN(left) ? DEFAULT_BUDGET_MS : Math.max(left, MIN_BUDGET_MS));
    }
  }

  private async answer(id: string, budgetMs: number): Promise<void> {
    this.model.report(id, await this.saver.save(budgetMs));
  }

  private _answered: string | null = null;
}

/**
 * Save every document.
 *
 * @param saver - saves one document
 * @param contexts - contexts of this tab, several of which may have the same file
 * @param budgetMs - time limit in milliseconds; documents that are not verified by then are reported as `timeout`
 * @returns one report for each path, and further ones for other views of it that were not clean
 */
export async function saveRound(
  saver: Pick<Saver, 'save'>,
  contexts: SavableContext[],
  budgetMs: number
): Promise<IDocumentReport[]> {
  const reports = new Map<string, IDocumentReport[]>();
  const waiting = [...byPath(contexts)];
  for (const [path] of waiting) {
    const detail = 'there was no time left for it';
    reports.set(path, [{ path, outcome: 'timeout', detail, copy: null }]);
  }
  const saveNext = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [path, views] = next;
      reports.set(path, await saveFile(saver, views));
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, budgetMs);
  });
  const workers = Array.from({ length: MAX_PARALLEL_SAVES }, saveNext);
  await Promise.race([Promise.all(workers), timeout]);
  clearTimeout(timer);
  waiting.length = 0; // nothing may begin after the time limit
  return [...reports.values()].flat();
}

/** Save the views of one file one after the other, so that each sees the writes of the others. */
async function saveFile(
  saver: Pick<Saver, 'save'>,
  views: SavableContext[]
): Promise<IDocumentReport[]> {
  // Changed views first; the others are then only stale.
  const ordered = [...views].sort(
    (a, b) => Number(trackerOf(b).mayDiffer) - Number(trackerOf(a).mayDiffer)
  );
  const reports: IDocumentReport[] = [];
  for (const view of ordered) {
    reports.push(await saver.save(view));
  }
  const notClean = reports.filter(({ outcome }) => outcome !== 'clean');
  return notClean.length > 0 ? notClean : reports.slice(0, 1);
}

function byPath(contexts: SavableContext[]): Map<string, SavableContext[]> {
  const files = new Map<string, SavableContext[]>();
  for (const context of contexts) {
    files.set(context.localPath, [...(files.get(context.localPath) ?? []), context]);
  }
  return files;
}
