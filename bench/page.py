"""Control and measure a page in the browser for the benchmark."""

from __future__ import annotations

import sys

from playwright.sync_api import Page

from jupyter_nb_updater.sandbox import Sandbox

# Which phases this page received and when, every task of more than 50 ms, and when it was last clicked.
OBSERVE_SCRIPT = """
window.seen = {phases: [], tasks: [], click: 0};
addEventListener('click', () => { seen.click = performance.now(); }, true);
new PerformanceObserver(list => {
  for (const {startTime, duration} of list.getEntries()) seen.tasks.push([startTime, duration]);
}).observe({type: 'longtask'});
window.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    if (String(url).includes('nb-updater/channel')) {
      this.addEventListener('message', ({data}) => {
        const {phase, id} = JSON.parse(data).state?.restart ?? {};
        seen.phases.push([id, phase, performance.now()]);
      });
    }
  }
};
"""
OPEN_SCRIPT = """
async paths => {
  window.contexts = {};
  const open = async path => {
    const {context} = await jupyterapp.commands.execute('docmanager:open', {path, options: {activate: false}});
    const session = context.sessionContext;
    session.kernelPreference = {...session.kernelPreference, shouldStart: false};  // thirty kernels are another benchmark
    contexts[path] = context;
    await context.ready;
  };
  while (paths.length) await Promise.all(paths.splice(0, 20).map(open));
}
"""
# JupyterLab goes on to build the cells of notebooks that nobody looks at, which keeps the page busy for a while.
AT_REST = "performance.now() - Math.max(...seen.tasks.map(([at, length]) => at + length)) > 5000"
CHANGE_SCRIPT = """
([paths, text]) => {
  for (const path of paths) contexts[path].model.cells.get(0).sharedModel.setSource(text);
  return Object.values(contexts).filter(context => context.model.dirty).length;
}
"""
SAVE_ALL_SCRIPT = """
async () => {
  const began = performance.now();
  await jupyterapp.commands.execute('docmanager:save-all');
  return [began, performance.now()];
}
"""
ROUND_SCRIPT = """
restart => {
  const mine = seen.phases.filter(([id]) => id === restart);
  const began = mine.find(([, phase]) => phase === 'saving')?.[2];
  const ended = mine.find(([, phase, at]) => phase !== 'saving' && at > began)?.[2];
  return began && ended ? [began, ended] : null;
}
"""
SAVED_AFTER_CLICK = "seen.phases.find(([, phase, at]) => phase === 'arming' && at > seen.click)?.[2] - seen.click"
LONGEST_TASK_SCRIPT = (
    "([began, ended]) => Math.max(0, ...seen.tasks.filter(([at]) => at >= began && at <= ended).map(([, length]) => length))"
)

Measured = tuple[float, float]
"""Duration in seconds, and the longest task in milliseconds."""


def open_all(page: Page, sandbox: Sandbox, paths: list[str]) -> None:
    """Open the documents in one JupyterLab, without autosave, which would interfere."""
    page.goto(f"{sandbox.url}lab/workspaces/benchmark")  # one in which nothing is open yet
    page.wait_for_function("window.jupyterapp?.restored")
    page.evaluate("jupyterapp.restored.then(() => jupyterapp.commands.execute('docmanager:toggle-autosave'))")
    page.evaluate(OPEN_SCRIPT, paths)
    page.wait_for_function(AT_REST, polling=500)


def change(page: Page, paths: list[str], text: str) -> None:
    """Change these documents, and check that no others have unsaved changes."""
    dirty = page.evaluate(CHANGE_SCRIPT, [paths, text])
    if dirty != len(paths):
        sys.exit(f"{dirty} documents are dirty, not {len(paths)}: the measurement would mean nothing")


def measured(page: Page, began: float, ended: float) -> Measured:
    """Return the measurement between two times of the page's clock."""
    return (ended - began) / 1000, page.evaluate(LONGEST_TASK_SCRIPT, [began, ended])


def save_all(page: Page) -> Measured:
    """Measure JupyterLab's own Save All."""
    began, ended = page.evaluate(SAVE_ALL_SCRIPT)
    return measured(page, began, ended)


def verified_round(page: Page, restart: str) -> Measured:
    """Measure our save round, as seen by the page."""
    began, ended = page.evaluate(ROUND_SCRIPT, restart)
    return measured(page, began, ended)


def leave_unsaved(page: Page, text: str) -> None:
    """Type into the editor in the foreground."""
    page.bring_to_front()
    page.locator(".cm-content:visible").last.click()
    page.keyboard.insert_text(text)
