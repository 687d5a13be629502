/**
 * Compare two serializations of a document: that of the tab, and the one that the server reads from disk.
 *
 * The server writes with nbformat, which splits strings into lines and removes transient fields; neither changes the user's
 * work. For speed, equal parts are compared without being sorted, joined or copied.
 */

type Json = Record<string, unknown>;

/** Returns how to compare the values of a key; `null` to ignore the key. */
type Rule = (key: string) => Compare | null;
type Compare = (mine: unknown, theirs: unknown) => boolean;

/** Keys that nbformat removes when it writes (`nbformat.v4.rwbase.strip_transient`). */
const TRANSIENT = new Set(['orig_nbformat', 'orig_nbformat_minor', 'signature']);

/**
 * Check whether two serializations contain the same work.
 *
 * @param mine - content of the tab: text, or a notebook as JSON
 * @param theirs - content on disk
 */
export function isSame(mine: unknown, theirs: unknown): boolean {
  return compare(mine, theirs, () => true);
}

/** Check whether two notebooks differ only in outputs and execution counts. */
export function isSameButOutputs(mine: unknown, theirs: unknown): boolean {
  return compare(mine, theirs, key => key !== 'outputs' && key !== 'execution_count');
}

function compare(mine: unknown, theirs: unknown, counts: (key: string) => boolean): boolean {
  if (typeof mine === 'string' && typeof theirs === 'string') {
    return mine === theirs || unified(mine) === unified(theirs);
  }
  if (!isNotebook(mine) || !isNotebook(theirs)) {
    return isEqual(mine ?? null, theirs ?? null);
  }
  // Cell ids exist from nbformat 4.5 on.
  const ids = hasCellIds(mine) && hasCellIds(theirs);
  const cell = (one: unknown, other: unknown) =>
    byKey(one, other, key => {
      if (key === 'source') {
        return isSameText;
      }
      if (key === 'metadata') {
        return isSameCellMetadata;
      }
      if (key === 'outputs') {
        return counts(key) ? isSameOutputs : null;
      }
      if (key === 'attachments') {
        return isSameAttachments;
      }
      return (key === 'id' && !ids) || !counts(key) ? null : isEqual;
    });
  return (
    // The minor version does not count, because the server raises it if a notebook needs it.
    mine.nbformat === theirs.nbformat &&
    byKey(mine.metadata ?? {}, theirs.metadata ?? {}, key =>
      TRANSIENT.has(key) ? null : isEqual
    ) &&
    isSameList(mine.cells, theirs.cells, cell)
  );
}

const isSameOutputs: Compare = (mine, theirs) =>
  isSameList(mine, theirs, (one, other) => byKey(one, other, ruleOfOutput));

const ruleOfOutput: Rule = key =>
  key === 'text' ? isSameText : key === 'data' ? isSameBundle : isEqual;

const isSameAttachments: Compare = (mine, theirs) => byKey(mine, theirs, () => isSameBundle);

/** Compare two MIME bundles; a list under a JSON type is data, not lines. */
const isSameBundle: Compare = (mine, theirs) =>
  byKey(mine, theirs, mime => (/[/+]json$/.test(mime) ? isEqual : isSameText));

/** Compare the metadata of two cells, without `trusted`, which the server adds when it reads a trusted notebook. */
const isSameCellMetadata: Compare = (mine, theirs) =>
  byKey(mine ?? {}, theirs ?? {}, key => (key === 'trusted' ? null : isEqual));

/** Compare two texts, each a string or its lines. */
const isSameText: Compare = (mine, theirs) => isEqual(joined(mine), joined(theirs));

/** Compare two objects key by key in any order; a key with the value `undefined` is absent, as in JSON. */
function byKey(mine: unknown, theirs: unknown, rule: Rule): boolean {
  if (!isRecord(mine) || !isRecord(theirs)) {
    return isEqual(mine, theirs);
  }
  const has = (one: Json, other: Json) =>
    Object.keys(one).every(key => other[key] !== undefined || one[key] === undefined || !rule(key));
  return (
    has(theirs, mine) &&
    has(mine, theirs) &&
    Object.entries(mine).every(
      ([key, value]) => value === undefined || (rule(key)?.(value, theirs[key]) ?? true)
    )
  );
}

function isSameList(mine: unknown, theirs: unknown, same: Compare): boolean {
  if (!Array.isArray(mine) || !Array.isArray(theirs)) {
    return isEqual(mine, theirs);
  }
  return mine.length === theirs.length && mine.every((item, index) => same(item, theirs[index]));
}

const isEqual: Compare = (mine, theirs) => {
  if (mine === theirs) {
    return true;
  }
  return Array.isArray(mine) || Array.isArray(theirs)
    ? Array.isArray(mine) && Array.isArray(theirs) && isSameList(mine, theirs, isEqual)
    : isRecord(mine) && isRecord(theirs) && byKey(mine, theirs, () => isEqual);
};

function joined(value: unknown): unknown {
  return Array.isArray(value) && value.every(line => typeof line === 'string')
    ? value.join('')
    : value;
}

function unified(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNotebook(content: unknown): content is Json & { cells: Json[] } {
  return isRecord(content) && Array.isArray(content.cells);
}

function hasCellIds(content: Json): boolean {
  const major = Number(content.nbformat);
  return major > 4 || (major === 4 && Number(content.nbformat_minor) >= 5);
}
