/**
 * The numbers in a signal's evidence.
 */
import type { ISignalReport } from '../protocol';

/** For how many whole days the instance has run. */
export function daysOf(signal: ISignalReport): number | null {
  return evidenceNumber(signal, 'days');
}

/** A number of the evidence, when it is one. */
export function evidenceNumber(signal: ISignalReport, key: string): number | null {
  const value = signal.evidence[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
