/**
 * Create elements, and the parts that dialogs share, from text only: nothing from outside is ever parsed as HTML.
 */

/** Create an element with a class, and text or children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className) {
    node.className = className;
  }
  node.append(...children);
  return node;
}

/** Create a button in JupyterLab's own style. */
export function button(
  label: string,
  kind: 'accept' | 'reject' | 'warn',
  onClick: () => void
): HTMLButtonElement {
  const node = element('button', `jp-Dialog-button jp-mod-styled jp-mod-${kind}`, label);
  node.type = 'button';
  node.addEventListener('click', onClick);
  return node;
}

/** Set the text of a node if it differs: only a real change is announced by screen readers. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Add a style sheet to the page. */
export function addStyles(text: string): void {
  document.head.append(element('style', '', text));
}

let ids = 0;

/** Return an id that no other element of the page has. */
export function uniqueId(): string {
  return `jp-NbUpdater-${++ids}`;
}

/** Create a link that opens in a new tab, or plain text when the address is not https. */
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

/** Create a section with a heading that names it. */
export function section(heading: string, ...content: Node[]): HTMLElement {
  const title = element('h3', 'jp-NbUpdater-heading', heading);
  title.id = uniqueId();
  const node = element('section', 'jp-NbUpdater-section', title, ...content);
  node.setAttribute('aria-labelledby', title.id);
  return node;
}

/** Create a list with a heading that names it. */
export function listSection(heading: string, ...items: Node[]): HTMLElement {
  const list = element('ul', 'jp-NbUpdater-list', ...items);
  const node = section(heading, list);
  // Named by its heading; the role is said because a list without bullets loses it in Safari.
  list.setAttribute('role', 'list');
  list.setAttribute('aria-labelledby', node.getAttribute('aria-labelledby') ?? '');
  return node;
}

/** Add lines to the end of a list that stay folded away until somebody unfolds them. */
export function addFolded(
  list: HTMLElement,
  fold: HTMLDetailsElement,
  summary: string,
  ...items: Node[]
): void {
  const rest = element('ul', 'jp-NbUpdater-list', ...items);
  rest.setAttribute('role', 'list');
  rest.setAttribute('aria-labelledby', list.getAttribute('aria-labelledby') ?? '');
  fold.replaceChildren(element('summary', '', summary), rest);
  list.append(fold);
}

/** Create rows of label and value. */
export function factRows(facts: [string, string][]): HTMLElement {
  const cells = facts.flatMap(([label, value]) => [
    element('dt', '', label),
    element('dd', '', value)
  ]);
  return element('dl', 'jp-NbUpdater-rows', ...cells);
}

/** Create one line of a list: a text and a quieter remark, after a dash unless the text is a sentence of its own. */
export function listItem(text: string, remark = ''): HTMLLIElement {
  const line = element('li', 'jp-NbUpdater-item', text);
  if (remark) {
    line.append(text.endsWith('.') ? ' ' : ' – ', element('span', 'jp-NbUpdater-remark', remark));
  }
  return line;
}

/** Create a checkbox with its label. */
export function checkbox(
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
  const label = element('span', '', text);
  if (remark) {
    label.append(' – ', element('span', 'jp-NbUpdater-remark', remark));
  }
  return { node: element('label', 'jp-NbUpdater-checkbox', box, label), box };
}

/** Create a line of a list with a checkbox. */
export function checkboxItem(...label: Parameters<typeof checkbox>): {
  node: HTMLLIElement;
  box: HTMLInputElement;
} {
  const { node, box } = checkbox(...label);
  return { node: element('li', 'jp-NbUpdater-choice', node), box };
}

function isHttps(href: string): boolean {
  try {
    return new URL(href).protocol === 'https:';
  } catch {
    return false;
  }
}

const CIRCLE = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z';

/** Material icons (Apache-2.0), as JupyterLab's own: "refresh", "warning", "check circle", "info" and "help". */
const PATHS = {
  refresh:
    'M17.65 6.35A7.96 7.96 0 0 0 12 4a8 8 0 1 0 7.73 10h-2.08A6 6 0 1 1 12 6c1.66 0 3.14.69 4.22 1.78L13 11h7V4l-2.35 2.35z',
  warning: 'M1 21h22L12 2 1 21zm12-3h-2v-2h2v2zm0-4h-2v-4h2v4z',
  ok: `${CIRCLE}m-2 15-5-5 1.41-1.41L10 14.17l7.59-7.59L19 8z`,
  info: `${CIRCLE}m1 15h-2v-6h2zm0-8h-2V7h2z`,
  unknown: `${CIRCLE}m1 17h-2v-2h2zm2.07-7.75-.9.92C13.45 12.9 13 13.5 13 15h-2v-.5c0-1.1.45-2.1 1.17-2.83l1.24-1.26A2 2 0 1 0 10 9H8a4 4 0 1 1 7.07 2.25z`
};

export type IconName = keyof typeof PATHS;

/** Create an icon; the text beside it says the same, so it is hidden from screen readers. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('width', '18');
  svg.setAttribute('height', '18');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `jp-NbUpdater-${name}`);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  path.setAttribute('fill', 'currentColor');
  svg.append(path);
  return svg;
}
