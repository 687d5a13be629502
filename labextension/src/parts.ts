/**
 * The parts of which dialogs are made. Like every element they are built from text only.
 */
import { element, uniqueId } from './dom';

/** A link that opens beside the page, or plain text when the address is not https. */
export function link(text: string, href: string | null | undefined): HTMLElement {
  if (!href || !isHttps(href)) {
    return element('span', '', text);
  }
  const anchor = element('a', 'jp-NbUpdater-link', text);
  anchor.href = href;
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  return anchor;
}

/** Something under a heading that names it. */
export function block(heading: string, ...content: Node[]): HTMLElement {
  const title = element('h3', 'jp-NbUpdater-heading', heading);
  title.id = uniqueId();
  const node = element('section', 'jp-NbUpdater-section', title, ...content);
  node.setAttribute('aria-labelledby', title.id);
  return node;
}

/** A list under a heading that names it. */
export function section(heading: string, ...items: Node[]): HTMLElement {
  const list = element('ul', 'jp-NbUpdater-list', ...items);
  const node = block(heading, list);
  // Named by its heading; the role is said because a list without bullets loses it in Safari.
  list.setAttribute('role', 'list');
  list.setAttribute('aria-labelledby', node.getAttribute('aria-labelledby') ?? '');
  return node;
}

/** Facts as label and value. */
export function rows(facts: [string, string][]): HTMLElement {
  const cells = facts.flatMap(([label, value]) => [
    element('dt', '', label),
    element('dd', '', value)
  ]);
  return element('dl', 'jp-NbUpdater-rows', ...cells);
}

/** One line of a list: what it is about, and a quieter remark, set apart by a dash unless it is a sentence of its own. */
export function item(text: string, remark = ''): HTMLLIElement {
  const line = element('li', 'jp-NbUpdater-item', text);
  if (remark) {
    line.append(text.endsWith('.') ? ' ' : ' – ', element('span', 'jp-NbUpdater-remark', remark));
  }
  return line;
}

/** A box with its words, to be ticked. */
export function tick(
  text: string,
  remark: string,
  checked: boolean,
  onChange: (checked: boolean) => void
): { node: HTMLLabelElement; box: HTMLInputElement } {
  const box = element('input');
  box.type = 'checkbox';
  box.checked = checked;
  box.addEventListener('change', () => {
    onChange(box.checked);
  });
  const words = element('span', '', text);
  if (remark) {
    words.append(' – ', element('span', 'jp-NbUpdater-remark', remark));
  }
  return { node: element('label', 'jp-NbUpdater-tick', box, words), box };
}

/** A line of a list that is ticked to agree to it. */
export function choice(...words: Parameters<typeof tick>): {
  node: HTMLLIElement;
  box: HTMLInputElement;
} {
  const { node, box } = tick(...words);
  return { node: element('li', 'jp-NbUpdater-choice', node), box };
}

function isHttps(href: string): boolean {
  try {
    return new URL(href).protocol === 'https:';
  } catch {
    return false;
  }
}
