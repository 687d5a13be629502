/**
 * How far putting packages back has come. Pure.
 */
import type { IAddedPackage, IPackages } from './protocol';

/** Why pip may have another try: the server asks it again. */
const AGAIN = new Set(['pip', 'timeout', 'incomplete']);

/** How many there are of each kind. */
export interface ITally {
  all: number;
  /** A person may have them put back. */
  offered: number;
  /** Put back, or there already. */
  back: number;
  failed: number;
  /** Failed in a way in which the next time may be different. */
  again: number;
  /** Put back, there or failed: nothing more happens to them. */
  ended: number;
}

/** Packages of one environment that failed for the same reason. */
export interface IFailure {
  environment: string;
  packages: IAddedPackage[];
  code: string | null;
  detail: string;
}

/** Those of all environments. */
export function tallyOf({ environments }: IPackages): ITally {
  return tally(environments.flatMap(({ packages }) => packages));
}

/** Those of some. */
export function tally(packages: IAddedPackage[]): ITally {
  const count = (...states: string[]) =>
    packages.filter(({ state }) => states.includes(state)).length;
  const [back, failed] = [count('back', 'there'), count('failed')];
  const again = packages.filter(({ code }) => code !== null && AGAIN.has(code)).length;
  const all = packages.length;
  return { all, offered: count('offered'), back, failed, again, ended: back + failed };
}

/** What is being put back at the moment, and where. */
export function underWay({ environments }: IPackages): [IAddedPackage, string] | null {
  for (const { name, packages } of environments) {
    const found = packages.find(({ state }) => state === 'running');
    if (found) {
      return [found, name];
    }
  }
  return null;
}

/** What failed, told once where one reason has stopped several. */
export function failuresOf({ environments }: IPackages): IFailure[] {
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
