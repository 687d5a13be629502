/** A style sheet as text: JupyterLab's builder does not put these into the page by itself. */
declare module '*.raw.css' {
  const text: string;
  export default text;
}
