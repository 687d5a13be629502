/**
 * What parts of an instance's software are called.
 */

/** Names of products are not translated; the release of the operating system names itself. */
const NAMES: Record<string, string> = {
  kernel: 'Linux kernel',
  python: 'Python',
  os_release: '',
  jupyterlab: 'JupyterLab',
  notebook: 'Notebook',
  jupyter_server: 'Jupyter Server',
  sagemaker: 'SageMaker Python SDK',
  platform: 'Platform'
};

/** A part and its version, e.g. "JupyterLab 4.6.6". */
export function component(name: string, version: string): string {
  return `${NAMES[name] ?? name} ${version}`.trim();
}
