/**
 * Create elements from text only: nothing from outside is ever parsed as HTML.
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
