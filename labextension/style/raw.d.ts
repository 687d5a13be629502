/** A style sheet as a file of its own: the module is its address. */
declare module '*.raw.css' {
  const href: string;
  export default href;
}

/** A style sheet in the page's JavaScript: the module is its text. */
declare module '*.raw.css?inline' {
  const text: string;
  export default text;
}
