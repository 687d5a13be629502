/**
 * Compare the content of a document in the tab with the content on disk.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { TrackedContext } from './changeTracker';
import { isSame, isSameButOutputs } from './compare';
import type { ContentFormat, IFileContent } from './contents';

/** The part of a document's context that saving uses. */
export type SavableContext = Pick<DocumentRegistry.Context, 'localPath' | 'save'> & TrackedContext;

/** Return the format in which the document is compared with its file. */
export function formatOf({ model, contentsModel }: SavableContext): ContentFormat {
  if ('cells' in model) {
    return 'notebook';
  }
  // jupyter-collaboration leaves `contentsModel.format` unusable after a save: everything except base64 is text.
  return contentsModel?.format === 'base64' ? 'base64' : 'text';
}

/** Return the current content of the tab. */
export function tabContent({ model }: SavableContext, format: ContentFormat): unknown {
  return format === 'notebook' ? model.toJSON() : normalize(model.toString(), format);
}

/** Return the content of the file in a comparable form. */
export function diskContent({ content }: IFileContent, format: ContentFormat): unknown {
  return typeof content === 'string' ? normalize(content, format) : content;
}

/**
 * Check whether the file has the content of the tab.
 *
 * @param onDisk - content of the file
 * @param sent - content of the tab when the file was written. If given, it is enough that the file has this content and the
 *   tab differs only in outputs: a kernel may write output faster than it can be saved, and later output is lost with the
 *   kernel in any case
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

/** Remove line breaks, into which the server wraps base64. */
function normalize(content: string, format: ContentFormat): string {
  return format === 'base64' ? content.replace(/\s/g, '') : content;
}
