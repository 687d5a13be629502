/**
 * What is in a signal's evidence, and in its advisories.
 */
import type { Language } from '../i18n';
import type { IChange, ISignalReport } from '../protocol';

/** For how many whole days the instance has run. */
export function daysOf(signal: ISignalReport): number | null {
  return evidenceNumber(signal, 'days');
}

/** A number of the evidence, when it is one. */
export function evidenceNumber(signal: ISignalReport, key: string): number | null {
  const value = signal.evidence[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A text of the evidence; '' when it is none. */
export function evidenceText(signal: ISignalReport, key: string): string {
  const value = signal.evidence[key];
  return typeof value === 'string' ? value : '';
}

/** What is newer elsewhere, part by part. */
export function changesOf(signal: ISignalReport): IChange[] {
  const { changes } = signal.evidence;
  return Array.isArray(changes) ? (changes as IChange[]) : [];
}

/** How many advisories, and how many of the worst kind. Of very many, the server names the worst, and tells how many there are. */
export function advisoryCount({ trans }: Language, signal: ISignalReport): string {
  const { advisories } = signal;
  const count = evidenceNumber(signal, 'advisories_total') ?? advisories.length;
  const all = trans._n('%1 security advisory', '%1 security advisories', count);
  const worst = (severity: string) => advisories.filter(one => one.severity === severity).length;
  const [critical, important] = [worst('critical'), worst('important')];
  return critical
    ? trans.__('%1, %2 critical', all, critical)
    : important
      ? trans.__('%1, %2 important', all, important)
      : all;
}
