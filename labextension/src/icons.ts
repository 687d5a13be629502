/**
 * The few pictures, drawn in the colour of the text beside them.
 */
/** Material icons (Apache-2.0), as JupyterLab's own: "refresh" and "warning". */
const PATHS = {
  refresh:
    'M17.65 6.35A7.96 7.96 0 0 0 12 4a8 8 0 1 0 7.73 10h-2.08A6 6 0 1 1 12 6c1.66 0 3.14.69 4.22 1.78L13 11h7V4l-2.35 2.35z',
  warning: 'M1 21h22L12 2 1 21zm12-3h-2v-2h2v2zm0-4h-2v-4h2v4z'
};

/** The picture for how bad it is; the words beside it say the same, so it is hidden from screen readers. */
export function levelIcon(isWarning: boolean): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('width', '18');
  svg.setAttribute('height', '18');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', isWarning ? PATHS.warning : PATHS.refresh);
  path.setAttribute('fill', 'currentColor');
  svg.append(path);
  return svg;
}
