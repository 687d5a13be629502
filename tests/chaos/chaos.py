"""All runs of a series, one after the other, on one machine and in one browser."""

import shutil
import time
import traceback

from playwright.sync_api import sync_playwright

from .draw import plan
from .gears import GEARS, machine
from .oracle import Verdict, judge
from .run import Run
from .summary import Tally
from .windows import Windows

TOLD = 50
"""After so many runs each, how it stands."""

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


def run_all(seeds, *, gear, wheel, chromium, evidence, verbose=False, say=print):
    """Run a plan for each seed; what a bad one leaves goes into the folder ``evidence``.

    Args:
        seeds: of the runs.
        gear: ``fast`` or ``full``.
        wheel: of the product.
        chromium: path of the browser.
        evidence: folder for plans, screenshots and logs of bad runs.
        verbose: print each plan.
        say: prints a line.
    """
    tally = Tally()
    with machine(wheel) as sandbox, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        windows = Windows(browser, sandbox.url)
        started = time.monotonic()
        for seed in seeds:
            one = plan(seed)
            if verbose:
                say("\n".join(one.lines()))
            began = time.monotonic()
            run = Run(one, windows, GEARS[gear](sandbox))
            verdict = _verdict(run)
            if not verdict.is_good:
                _keep(run, verdict, sandbox, evidence / f"{gear}-{seed}", say)
            tally.add(verdict, causes(one))
            run.end(is_whole=verdict.is_good)
            if tally.runs % TOLD == 0:
                say(f"up to seed {seed}: {tally.sum(time.monotonic() - started)}")
            if verbose:
                say(f"  {verdict.outcome} in {time.monotonic() - began:.2f} s: {run.lines}")
        for line in tally.lines(time.monotonic() - started):
            say(line)
        windows.close()
        browser.close()
    return tally


def causes(plan):
    """What stood in a plan as trouble."""
    steps = [*plan.before, *plan.during]
    return {f"{step.do} {step.how}".strip() for step in steps if step.do not in {"type", "change", "save"}} or {"nothing"}


def _verdict(run):
    try:
        return judge(run.carry_out())
    except Exception as error:  # noqa: BLE001  a run that breaks is told, and the others go on
        return Verdict("refused", [], [f"the run broke: {error!r}", traceback.format_exc()])


def _keep(run, verdict, sandbox, folder, say):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = "\n".join([*run.plan.lines(), "", *verdict.lost, *verdict.unreasoned, "", f"shown: {run.lines}"])
    say(text)
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
