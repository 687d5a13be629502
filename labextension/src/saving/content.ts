/**
 * What a tab holds of a document, in the form in which it compares with what is on disk.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { TrackedContext } from './changeTracker';
import { isSame, isSameButOutputs } from './compare';
import type { ContentFormat, IFileContent } from './contents';

/** The part of a document's context that a save needs. */
export type SavableContext = Pick<DocumentRegistry.Context, 'localPath' | 'save'> & TrackedContext;

/** How this document compares with its file. jupyter-collaboration leaves `contentsModel.format` unusable after a save. */
export function formatOf({ model, contentsModel }: SavableContext): ContentFormat {
  if ('cells' in model) {
    return 'notebook';
  }
  return contentsModel?.format === 'base64' ? 'base64' : 'text';
}

/** What the tab holds, now. */
export function tabContent({ model }: SavableContext, reading: ContentFormat): unknown {
  return reading === 'notebook' ? model.toJSON() : withoutLineBreaks(model.toString(), reading);
}

/** What the disk holds. */
export function diskContent({ content }: IFileContent, reading: ContentFormat): unknown {
  return typeof content === 'string' ? withoutLineBreaks(content, reading) : content;
}

/**
 * Whether the disk holds what the tab holds.
 *
 * @param sent - what the tab held when it was written, if only that can be asked for: a kernel that writes without end
 *   is never caught up with, and what it has written since is lost with it in any case
 */
export function isOnDisk(
  context: SavableContext,
  reading: ContentFormat,
  onDisk: unknown,
  sent?: unknown
): boolean {
  const mine = tabContent(context, reading);
  return (
    isSame(mine, onDisk) ||
    (sent !== undefined && isSame(sent, onDisk) && isSameButOutputs(mine, onDisk))
  );
}

/** The server wraps base64 into lines. */
function withoutLineBreaks(content: string, reading: ContentFormat): string {
  return reading === 'base64' ? content.replace(/\s/g, '') : content;
}
