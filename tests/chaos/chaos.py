"""Run a series of plans one after the other, on one machine and in one browser."""

import shutil
import time
import traceback

from playwright.sync_api import sync_playwright

from .draw import plan
from .gears import GEARS, machine
from .oracle import Verdict, judge
from .run import Run
from .summary import Summary
from .windows import Windows

RUNS_PER_PROGRESS_LINE = 50
"""Number of runs after which progress is printed."""

BROWSER_ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


def run_all(seeds, *, gear, wheel, chromium, evidence, verbose=False, print_line=print):
    """Run a plan for each seed; save evidence of bad runs.

    Args:
        seeds: seeds of the runs.
        gear: ``fast`` or ``full``.
        wheel: wheel of the product.
        chromium: path of the browser.
        evidence: folder for plans, screenshots and logs of bad runs.
        verbose: whether to print each plan.
        print_line: prints a line.
    """
    summary = Summary()
    with machine(wheel) as sandbox, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        windows = Windows(browser, sandbox.url)
        started = time.monotonic()
        for seed in seeds:
            one = plan(seed)
            if verbose:
                print_line("\n".join(one.lines()))
            began = time.monotonic()
            run = Run(one, windows, GEARS[gear](sandbox))
            verdict = _verdict(run)
            if not verdict.is_good:
                _save_evidence(run, verdict, sandbox, evidence / f"{gear}-{seed}", print_line)
            summary.add(verdict, causes(one))
            run.end(is_whole=verdict.is_good)
            if summary.runs % RUNS_PER_PROGRESS_LINE == 0:
                print_line(f"up to seed {seed}: {summary.sum(time.monotonic() - started)}")
            if verbose:
                print_line(f"  {verdict.outcome} in {time.monotonic() - began:.2f} s: {run.lines}")
        for line in summary.lines(time.monotonic() - started):
            print_line(line)
        windows.close()
        browser.close()
    return summary


def causes(plan):
    """Return the troubles in a plan."""
    steps = [*plan.before, *plan.during]
    return {f"{step.do} {step.how}".strip() for step in steps if step.do not in {"type", "change", "save"}} or {"nothing"}


def _verdict(run):
    try:
        return judge(run.carry_out())
    except Exception as error:  # noqa: BLE001  a run that breaks is told, and the others go on
        return Verdict("refused", [], [f"the run broke: {error!r}", traceback.format_exc()])


def _save_evidence(run, verdict, sandbox, folder, print_line):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = "\n".join([*run.plan.lines(), "", *verdict.lost, *verdict.unreasoned, "", f"shown: {run.lines}"])
    print_line(text)
    (folder / "plan.txt").write_text(text + "\n", "utf-8")
    for number, page in enumerate(run.pages):
        if not page.is_closed():
            page.screenshot(path=folder / f"tab-{number}.png")
    if run.volume.folder.is_dir():
        shutil.copytree(run.volume.folder, folder / "volume", dirs_exist_ok=True)
    for log in sandbox.root.glob("logs/*/jupyter.log"):
        (folder / log.name).write_bytes(log.read_bytes()[-100_000:])
    journal = sandbox.volume / ".nb-updater" / "journal.jsonl"
    if journal.exists():
        shutil.copy(journal, folder)
