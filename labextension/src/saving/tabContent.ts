/**
 * Compare what a tab holds of a document with what is on disk.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { TrackedContext } from './changeTracker';
import { isSame, isSameButOutputs } from './compare';
import type { ContentFormat, IFileContent } from './contents';

/** The part of a document's context that a save needs. */
export type SavableContext = Pick<DocumentRegistry.Context, 'localPath' | 'save'> & TrackedContext;

/** Return how this document compares with its file. */
export function formatOf({ model, contentsModel }: SavableContext): ContentFormat {
  if ('cells' in model) {
    return 'notebook';
  }
  // jupyter-collaboration leaves `contentsModel.format` unusable after a save: whatever is no base64 is text.
  return contentsModel?.format === 'base64' ? 'base64' : 'text';
}

/** Return what the tab holds now. */
export function tabContent({ model }: SavableContext, format: ContentFormat): unknown {
  return format === 'notebook' ? model.toJSON() : normalize(model.toString(), format);
}

/** Return what the file holds, in the form in which it compares. */
export function diskContent({ content }: IFileContent, format: ContentFormat): unknown {
  return typeof content === 'string' ? normalize(content, format) : content;
}

/**
 * Check whether the file holds what the tab holds.
 *
 * @param onDisk - what the file holds
 * @param sent - what the tab held when the file was written, if it is enough that the file holds that and the two differ
 *   in outputs only: a kernel that writes without end is never caught up with, and what it writes after the save is lost
 *   with it in any case
 */
export function isOnDisk(
  context: SavableContext,
  format: ContentFormat,
  onDisk: unknown,
  sent?: unknown
): boolean {
  const mine = tabContent(context, format);
  return (
    isSame(mine, onDisk) ||
    (sent !== undefined && isSame(sent, onDisk) && isSameButOutputs(mine, onDisk))
  );
}

/** The server wraps base64 into lines. */
function normalize(content: string, format: ContentFormat): string {
  return format === 'base64' ? content.replace(/\s/g, '') : content;
}
