/**
 * The save rounds, as this tab takes part in them: a state that says `saving` under an id that was not answered yet is
 * the request, so a tab that joins in the middle joins the round.
 */
import type { UpdateModel } from './model';
import type { ISaveAll } from './tokens';

/** Milliseconds before the server's deadline: then it has shared documents to look at, and the disk. */
const MARGIN = 30_000;

/** Milliseconds for a round without a deadline. */
const DEFAULT_BUDGET = 25_000;

/** Milliseconds that even a late tab gets: most documents need less. */
const LEAST_BUDGET = 3000;

export class Rounds {
  constructor(
    private readonly model: UpdateModel,
    private readonly saver: Pick<ISaveAll, 'save'>
  ) {}

  /** Take part in the round that the state asks for, once. */
  follow(): void {
    const { phase, id, deadline } = this.model.state?.restart ?? {};
    if (phase === 'saving' && id && id !== this._answered) {
      this._answered = id;
      const left = Date.parse(deadline ?? '') - this.model.now - MARGIN;
      void this.answer(id, Number.isNaN(left) ? DEFAULT_BUDGET : Math.max(left, LEAST_BUDGET));
    }
  }

  private async answer(id: string, budget: number): Promise<void> {
    this.model.report(id, await this.saver.save(budget));
  }

  private _answered: string | null = null;
}
