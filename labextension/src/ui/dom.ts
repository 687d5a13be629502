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

/** Add styles to the page. */
export function addStyles(text: string): void {
  document.head.append(element('style', '', text));
}

/** Add a style sheet to the page. Rejects when the server does not answer; the call can then be repeated. */
export function loadStyleSheet(href: string): Promise<void> {
  const sheet = element('link');
  sheet.rel = 'stylesheet';
  sheet.href = href;
  return new Promise((resolve, reject) => {
    sheet.onload = () => {
      resolve();
    };
    sheet.onerror = () => {
      sheet.remove();
      reject(new Error(href));
    };
    document.head.append(sheet);
  });
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

export type IconName = 'refresh' | 'warning' | 'ok' | 'info' | 'unknown';

/** Create an icon, whose shape is in the style sheet; the text beside it says the same, so screen readers skip it. */
export function icon(name: IconName): HTMLElement {
  const node = element('span', `jp-NbUpdater-symbol jp-NbUpdater-${name}`);
  node.setAttribute('aria-hidden', 'true');
  return node;
}
