/**
 * The few pictures, drawn in the colour of the text beside them.
 */
import type { Level } from './protocol';

/** Material icons (Apache-2.0), as JupyterLab's own: "update" and "warning". */
const PATHS = {
  update:
    'M21 10.12h-6.78l2.74-2.82c-2.73-2.7-7.15-2.8-9.88-.1-2.73 2.71-2.73 7.08 0 9.79s7.15 2.71 9.88 0C18.32 15.65 19 14.08 19 12.1h2c0 1.98-.88 4.55-2.64 6.29-3.51 3.48-9.21 3.48-12.72 0-3.5-3.47-3.53-9.11-.02-12.58s9.14-3.47 12.65 0L21 3v7.12zM12.5 8v4.25l3.5 2.08-.72 1.21L11 13V8h1.5z',
  warning: 'M1 21h22L12 2 1 21zm12-3h-2v-2h2v2zm0-4h-2v-4h2v4z'
};

/** The picture for a level; the words beside it say the same, so it is hidden from screen readers. */
export function levelIcon(level: Level): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('width', '18');
  svg.setAttribute('height', '18');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', level === 'advised' ? PATHS.update : PATHS.warning);
  path.setAttribute('fill', 'currentColor');
  svg.append(path);
  return svg;
}
