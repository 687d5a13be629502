/**
 * The part of the state document that is about what there is to save and to lose. Every code is open, as in `protocol.ts`.
 */

export interface IDocument {
  path: string;
  dirty: boolean;
}

export interface ILoss {
  /** What a person accepts by name: `POST restart` lists these. */
  id: string;
  /** `kernel`, `terminal` and `process` need the person's word; `schedule`, `files` and `packages` are only told. */
  kind: string;
  name: string;
  detail: string | null;
  /** Losing it takes a second word, which names it. */
  busy: boolean;
  /** Since when it is busy, or was busy last. */
  since: string | null;
  /** Bytes of memory. */
  memory: number | null;
  /** Bytes of files, or how many packages. */
  size: number | null;
}

/** A document of which only a copy is saved: something else wrote the file. */
export interface IRescued {
  path: string;
  copy: string;
}

/** A page that lost its connection with unsaved changes, and has not come back. */
export interface ILostTab {
  id: string;
  page: string;
  /** Paths of what was unsaved. */
  documents: string[];
}

export interface IWork {
  documents: (IDocument & { tabs: number })[];
  losses: ILoss[];
  rescued: IRescued[];
  lost_tabs: ILostTab[];
}
