/**
 * The parts of the state document that are about coming back to the same desk: what was kept, and what somebody had
 * added. Every code is open, as in `protocol.ts`.
 */

/** Files outside the volume that may be kept. */
export interface IKeepable {
  id: string;
  paths: string[];
  /** Whether one of them exists now. */
  there: boolean;
}

/** What came back after this boot. */
export interface IBack {
  /** `workspaces`, `settings`, `terminal` or `files`. */
  kind: string;
  name: string;
  detail: string;
  count: number;
}

/** What did not, and why. */
export interface IMissing {
  kind: string;
  name: string;
  code: string;
  detail: string;
}

export interface IDesk {
  /** The ids of what is kept. */
  keeping: string[];
  offered: IKeepable[];
  back: IBack[];
  missing: IMissing[];
}

/** A package that somebody had added before this boot. */
export interface IAddedPackage {
  name: string;
  version: string;
  /** `pip` or `conda`. */
  by: string;
  /** `offered`, `waiting`, `running`, `back`, `there` (the new image has it) or `failed`. */
  state: string;
  code: string | null;
  detail: string;
}

export interface IEnvironment {
  name: string;
  packages: IAddedPackage[];
}

export interface IPackages {
  /** `none`, `offered`, `running` or `done`. */
  phase: string;
  /** They are put back without asking. */
  automatic: boolean;
  environments: IEnvironment[];
}
