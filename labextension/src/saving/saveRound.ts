/**
 * Answer a save round: save and prove every open document of this tab, within the time that the server allows.
 */
import { DEFAULT_BUDGET_MS, MIN_BUDGET_MS, SERVER_MARGIN_MS } from '../constants';
import type { UpdateModel } from '../server/model';
import type { IDocumentReport } from '../server/protocol';
import type { ISaveAll } from '../tokens';
import { trackerOf } from './changeTracker';
import type { SavableContext } from './tabContent';
import type { Saver } from './saver';

/** How many documents are saved at the same time: enough to be quick, few enough for the page to stay responsive. */
const MAX_PARALLEL_SAVES = 3;

/**
 * Answer the save rounds that the server asks for. A state that says `saving` under an id that was not answered yet is
 * the request, so a tab that joins in the middle joins the round.
 */
export class SaveRoundResponder {
  constructor(
    private readonly model: UpdateModel,
    private readonly saver: Pick<ISaveAll, 'save'>
  ) {}

  /** Answer the round that the state asks for, once. */
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
 * @param contexts - the contexts of this tab, several of which may be about one file
 * @param budgetMs - milliseconds after which what is not proven is reported as `timeout`
 * @returns one report for each path, and one more for each further view of it that was not merely clean
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
  waiting.length = 0; // what has not begun by now must not begin later
  return [...reports.values()].flat();
}

/** Save one file; its views one after the other, so that they see each other's writes. */
async function saveFile(
  saver: Pick<Saver, 'save'>,
  views: SavableContext[]
): Promise<IDocumentReport[]> {
  // What may be new first: the others are then merely stale.
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
