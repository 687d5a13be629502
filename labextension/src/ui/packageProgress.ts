/**
 * How far putting packages back has come. Pure.
 */
import type { IAddedPackage, IPackages } from '../server/protocol';

/** Why pip may have another try: the server asks it again. */
const RETRYABLE_CODES = new Set(['pip', 'timeout', 'incomplete']);

/** How many there are of each kind. */
export interface IPackageProgress {
  total: number;
  /** A person may have them put back. */
  available: number;
  /** Put back, or there already. */
  reinstalled: number;
  failed: number;
  /** Failed in a way in which the next time may be different. */
  retryable: number;
  /** Put back, there or failed: nothing more happens to them. */
  finished: number;
}

/** Packages of one environment that failed for the same reason. */
export interface IFailure {
  environment: string;
  packages: IAddedPackage[];
  code: string | null;
  detail: string;
}

/** Those of all environments. */
export function packageProgress({ environments }: IPackages): IPackageProgress {
  return progressOf(environments.flatMap(({ packages }) => packages));
}

/** Those of some. */
export function progressOf(packages: IAddedPackage[]): IPackageProgress {
  const count = (...states: string[]) =>
    packages.filter(({ state }) => states.includes(state)).length;
  return {
    total: packages.length,
    available: count('offered'),
    reinstalled: count('back', 'there'),
    failed: count('failed'),
    retryable: packages.filter(({ code }) => code !== null && RETRYABLE_CODES.has(code)).length,
    finished: count('back', 'there', 'failed')
  };
}

/** What is being put back at the moment, and where. */
export function currentPackage({ environments }: IPackages): [IAddedPackage, string] | null {
  for (const { name, packages } of environments) {
    const found = packages.find(({ state }) => state === 'running');
    if (found) {
      return [found, name];
    }
  }
  return null;
}

/** What failed, told once where one reason has stopped several. */
export function packageFailures({ environments }: IPackages): IFailure[] {
  const failures = new Map<string, IFailure>();
  for (const { name: environment, packages } of environments) {
    for (const added of packages.filter(({ state }) => state === 'failed')) {
      const { code, detail } = added;
      const key = JSON.stringify([environment, code, detail]);
      const failure = failures.get(key) ?? { environment, packages: [], code, detail };
      failure.packages.push(added);
      failures.set(key, failure);
    }
  }
  return [...failures.values()];
}
