/**
 * What became of one document.
 */
import type { IDocumentReport } from './protocol';

export type Result = Omit<IDocumentReport, 'path'>;

/** An outcome without a copy. */
export function told(outcome: Result['outcome'], detail: string | null = null): Result {
  return { outcome, detail, copy: null };
}

/** What is proven in a copy, unless there is none. */
export function kept(copy: string | null, detail: string): Result {
  return copy
    ? { outcome: 'rescued', detail, copy }
    : told('unverified', 'the copy is not what this tab holds');
}
