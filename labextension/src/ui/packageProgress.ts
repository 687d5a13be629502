/**
 * Count how far reinstalling packages is.
 */
import type { IAddedPackage, IPackages } from '../server/protocol';

/** Failures after which another attempt may succeed: the server asks pip again. */
const RETRYABLE_CODES = new Set(['pip', 'timeout', 'incomplete']);

/** How many packages there are of each kind. */
export interface IPackageProgress {
  total: number;
  /** They can be reinstalled. */
  available: number;
  /** Reinstalled, or installed already. */
  reinstalled: number;
  failed: number;
  /** Failed, but another attempt may succeed. */
  retryable: number;
  /** Reinstalled, installed already or failed: nothing more happens to them. */
  finished: number;
}

/** Packages of one environment that failed for the same reason. */
export interface IFailure {
  environment: string;
  packages: IAddedPackage[];
  code: string | null;
  detail: string;
}

/** Count the packages of all environments. */
export function packageProgress({ environments }: IPackages): IPackageProgress {
  return progressOf(environments.flatMap(({ packages }) => packages));
}

/** Count some packages. */
export function progressOf(packages: IAddedPackage[]): IPackageProgress {
  const count = (...states: string[]) =>
    packages.filter(({ state }) => states.includes(state)).length;
  return {
    total: packages.length,
    available: count('available'),
    reinstalled: count('reinstalled', 'already-installed'),
    failed: count('failed'),
    retryable: packages.filter(({ code }) => code !== null && RETRYABLE_CODES.has(code)).length,
    finished: count('reinstalled', 'already-installed', 'failed')
  };
}

/** Return the package that is being installed, and the name of its environment. */
export function currentPackage({ environments }: IPackages): [IAddedPackage, string] | null {
  for (const { name, packages } of environments) {
    const found = packages.find(({ state }) => state === 'running');
    if (found) {
      return [found, name];
    }
  }
  return null;
}

/** Return what failed, grouped by environment and reason. */
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
