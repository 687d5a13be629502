/**
 * What must be equal in two serialisations of one document: the tab's, and the one that the server reads from disk.
 *
 * The server writes through nbformat, which splits strings into lines and drops what is transient; neither is a
 * change of the person's work. Pure.
 */

type Json = Record<string, unknown>;

/**
 * Whether two serialisations hold the same work.
 *
 * @param mine - the tab's: text, or a notebook as JSON
 * @param theirs - the disk's
 */
export function isSame(mine: unknown, theirs: unknown): boolean {
  // nbformat adds cell ids from 4.5 on, and only there do they mean anything.
  const ids = hasCellIds(mine) && hasCellIds(theirs);
  return canonical(mine, ids) === canonical(theirs, ids);
}

/**
 * The canonical text of one serialisation.
 *
 * @param content - text, or a notebook as JSON
 * @param ids - whether cell ids count
 */
export function canonical(content: unknown, ids = hasCellIds(content)): string {
  if (typeof content === 'string') {
    return content.replace(/\r\n?/g, '\n');
  }
  if (!isNotebook(content)) {
    return JSON.stringify(sorted(content ?? null));
  }
  return JSON.stringify(
    sorted({
      // The minor version is left out: the server raises it when a notebook needs it.
      nbformat: content.nbformat,
      metadata: without(content.metadata, 'orig_nbformat', 'signature'),
      cells: content.cells.map(cell => canonicalCell(cell, ids))
    })
  );
}

function canonicalCell(cell: Json, ids: boolean): Json {
  const { outputs, attachments } = cell;
  return {
    ...(ids ? cell : without(cell, 'id')),
    source: joined(cell.source),
    // Added by the server when it reads a notebook whose outputs it trusts.
    metadata: without(cell.metadata, 'trusted'),
    ...(Array.isArray(outputs) ? { outputs: outputs.map(canonicalOutput) } : {}),
    ...(isRecord(attachments) ? { attachments: mapValues(attachments, joinedBundle) } : {})
  };
}

function canonicalOutput(output: unknown): unknown {
  if (!isRecord(output)) {
    return output;
  }
  return {
    ...output,
    ...('text' in output ? { text: joined(output.text) } : {}),
    ...('data' in output ? { data: joinedBundle(output.data) } : {})
  };
}

/** A MIME bundle with its multi-line strings joined; a list under a JSON type is data, not lines. */
function joinedBundle(bundle: unknown): unknown {
  return isRecord(bundle)
    ? mapValues(bundle, (value, mime) => (/[/+]json$/.test(mime) ? value : joined(value)))
    : bundle;
}

function joined(value: unknown): unknown {
  return Array.isArray(value) && value.every(line => typeof line === 'string')
    ? value.join('')
    : value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  return isRecord(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map(key => [key, sorted(value[key])])
      )
    : value;
}

function without(value: unknown, ...keys: string[]): Json {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
    : {};
}

function mapValues(value: Json, change: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]));
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNotebook(content: unknown): content is Json & { cells: Json[] } {
  return isRecord(content) && Array.isArray(content.cells);
}

function hasCellIds(content: unknown): boolean {
  if (!isNotebook(content)) {
    return false;
  }
  const major = Number(content.nbformat);
  return major > 4 || (major === 4 && Number(content.nbformat_minor) >= 5);
}
