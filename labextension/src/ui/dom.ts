/**
 * Elements, built from text only: nothing from outside is ever read as HTML.
 */

/** An element with a class, and text or children. */
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

/** A button in JupyterLab's own style. */
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

/** Only a real change touches the page, and may be announced. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Put a style sheet into the page. */
export function addStyles(text: string): void {
  document.head.append(element('style', '', text));
}

let ids = 0;

/** An id that no other element of the page has. */
export function uniqueId(): string {
  return `jp-NbUpdater-${++ids}`;
}
