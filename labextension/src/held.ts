/**
 * What a tab holds of a document, in the form in which it compares with what is on disk.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import { isSame, isSameButOutputs } from './canonical';
import type { IOnDisk, Reading } from './disk';
import type { Followed } from './trail';

/** The part of a document's context that a save needs. */
export type SavableContext = Pick<DocumentRegistry.Context, 'localPath' | 'save'> & Followed;

/** How this document compares with its file. jupyter-collaboration leaves `contentsModel.format` unusable after a save. */
export function readingOf({ model, contentsModel }: SavableContext): Reading {
  if ('cells' in model) {
    return 'notebook';
  }
  return contentsModel?.format === 'base64' ? 'base64' : 'text';
}

/** What the tab holds, now. */
export function held({ model }: SavableContext, reading: Reading): unknown {
  return reading === 'notebook' ? model.toJSON() : unwrapped(model.toString(), reading);
}

/** What the disk holds. */
export function comparable({ content }: IOnDisk, reading: Reading): unknown {
  return typeof content === 'string' ? unwrapped(content, reading) : content;
}

/**
 * Whether the disk holds what the tab holds.
 *
 * @param sent - what the tab held when it was written, if only that can be asked for: a kernel that writes without end
 *   is never caught up with, and what it has written since is lost with it in any case
 */
export function isProof(
  context: SavableContext,
  reading: Reading,
  onDisk: unknown,
  sent?: unknown
): boolean {
  const mine = held(context, reading);
  return (
    isSame(mine, onDisk) ||
    (sent !== undefined && isSame(sent, onDisk) && isSameButOutputs(mine, onDisk))
  );
}

/** The server wraps base64 into lines. */
function unwrapped(content: string, reading: Reading): string {
  return reading === 'base64' ? content.replace(/\s/g, '') : content;
}
