"""What our save round costs, beside JupyterLab's own ``docmanager:save-all`` on the same documents in the same page.

    CHROMIUM=/usr/bin/chromium WHEEL=dist/….whl python bench/round.py

A hundred open documents, of which thirty notebooks of 300 KB have an unsaved change. The two take turns. Save-all saves each of
them and reads nothing back; our round proves each of them, from the state ``saving`` to the next one, the sync of the volume
included. Prints both, the ratio of the medians, and the longest task on the page meanwhile; ends with 1 when one is over.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import workload
from playwright.sync_api import Browser, Page, sync_playwright

from jupyter_nb_updater.cli.server import Server
from jupyter_nb_updater.sandbox import Sandbox

PAIRS = 7
LIMIT_RATIO, LIMIT_TASK = 1.5, 200.0
MINUTES, ROUND_SECONDS = 600_000, 180

# Which phases this page was told of and when, and every task of more than 50 ms.
OBSERVE = """
window.seen = {phases: [], tasks: []};
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
OPEN = """
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
CHANGE = """
([paths, text]) => {
  for (const path of paths) contexts[path].model.cells.get(0).sharedModel.setSource(text);
  return Object.values(contexts).filter(context => context.model.dirty).length;
}
"""
SAVE_ALL = """
async () => {
  const began = performance.now();
  await jupyterapp.commands.execute('docmanager:save-all');
  return [began, performance.now()];
}
"""
ROUND = """
restart => {
  const mine = seen.phases.filter(([id]) => id === restart);
  const began = mine.find(([, phase]) => phase === 'saving')?.[2];
  const ended = mine.find(([, phase, at]) => phase !== 'saving' && at > began)?.[2];
  return began && ended ? [began, ended] : null;
}
"""
LONGEST = (
    "([began, ended]) => Math.max(0, ...seen.tasks.filter(([at]) => at >= began && at <= ended).map(([, length]) => length))"
)
PLAIN = {"LabApp": {"expose_app_in_browser": True}}
REFUSED = {"code": "AccessDeniedException", "message": "the benchmark goes on", "status": 400}

Measured = tuple[float, float]
"""Seconds, and the milliseconds of the longest task."""


def open_all(page: Page, sandbox: Sandbox, paths: list[str]) -> None:
    """Open the documents in one JupyterLab, with autosave off, since it would take part in the race."""
    page.goto(sandbox.lab_url)
    page.wait_for_function("window.jupyterapp?.restored")
    page.evaluate("jupyterapp.restored.then(() => jupyterapp.commands.execute('docmanager:toggle-autosave'))")
    page.evaluate(OPEN, paths)
    page.wait_for_function(AT_REST, polling=500)


def change(page: Page, paths: list[str], text: str) -> None:
    """Make exactly these dirty."""
    dirty = page.evaluate(CHANGE, [paths, text])
    if dirty != len(paths):
        sys.exit(f"{dirty} documents are dirty, not {len(paths)}: the measurement would mean nothing")


def save_all(page: Page) -> Measured:
    """JupyterLab's own."""
    began, ended = page.evaluate(SAVE_ALL)
    return (ended - began) / 1000, page.evaluate(LONGEST, [began, ended])


def verified_round(page: Page, sandbox: Sandbox, expected: dict[str, int]) -> Measured:
    """Ours, of a restart that the emulated AWS refuses in the end."""
    server = Server(sandbox.url, "")
    server.call("GET", "state")
    restart = server.call("POST", "restart", {"when": "now"})["restart"]["id"]
    found = outcomes(sandbox, restart)
    if found != expected:
        sys.exit(f"the round found {found}, not {expected}: the measurement would mean nothing")
    server.call("DELETE", "restart")
    began, ended = page.evaluate(ROUND, restart)
    return (ended - began) / 1000, page.evaluate(LONGEST, [began, ended])


def outcomes(sandbox: Sandbox, restart: str) -> dict[str, int]:
    """How many documents had which outcome, when the restart has come to its end. By the journal, so that nobody is asked."""
    deadline = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < deadline:
        lines = (sandbox.volume / ".nb-updater" / "journal.jsonl").read_text("utf-8").splitlines()
        mine = [record for record in map(json.loads, lines) if record.get("restart") == restart]
        if mine and mine[-1]["event"] in {"refused", "failed"}:
            listed = [document.get("outcome", "silent") for record in mine for document in record.get("documents", [])]
            return {outcome: listed.count(outcome) for outcome in set(listed)}
        time.sleep(0.2)
    sys.exit(f"the restart came to no end within {ROUND_SECONDS} s")


def hundred(browser: Browser, sandbox: Sandbox) -> bool:
    """The comparison. Whether we are within what we promise."""
    large, others = workload.write(sandbox.volume)
    page = browser.new_page()
    page.set_default_timeout(MINUTES)
    page.add_init_script(OBSERVE)
    open_all(page, sandbox, [*large, *others])
    runs: dict[str, list[Measured]] = {"docmanager:save-all": [], "verified round": []}
    for pair in range(PAIRS + 1):
        for name in sorted(runs, reverse=bool(pair % 2)):
            change(page, large, f"# {name} {pair}\n")
            ours = {"saved": len(large), "clean": len(others)}
            measured = save_all(page) if name == "docmanager:save-all" else verified_round(page, sandbox, ours)
            if pair:  # the first warms both up
                runs[name].append(measured)
    page.close()
    for name, measured in runs.items():
        seconds, tasks = zip(*measured, strict=True)
        print(
            f"{name:20} median {statistics.median(seconds):6.2f} s  min {min(seconds):6.2f}  longest task {max(tasks):4.0f} ms"
        )
    ours, theirs = (statistics.median(run[0] for run in runs[name]) for name in ("verified round", "docmanager:save-all"))
    longest = max(task for _, task in runs["verified round"])
    print(f"ratio of the medians {ours / theirs:.2f} of {LIMIT_RATIO}; longest task {longest:.0f} ms of {LIMIT_TASK:.0f}")
    return ours / theirs <= LIMIT_RATIO and longest <= LIMIT_TASK


def main() -> int:
    """Measure, print, judge."""
    wheel = Path(os.environ["WHEEL"]) if os.environ.get("WHEEL") else None
    traits: dict[str, Any] = PLAIN
    with sync_playwright() as playwright, Sandbox(wheel=wheel, traits=traits) as sandbox:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        sandbox.faults.add("StopNotebookInstance", **REFUSED)
        good = hundred(browser, sandbox)
        browser.close()
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
