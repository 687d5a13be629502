"""What the pages say about the code, written by the code: ``python -m tests.docs.generated`` brings the pages up to date."""

import importlib
import inspect
import pkgutil
from typing import get_args

from traitlets import List
from traitlets.config import Configurable

import jupyter_nb_updater
from jupyter_nb_updater.cli.base import ExitCode
from jupyter_nb_updater.restart.machine import BOUNDS, TRANSITIONS, Phase
from tests.traces import matrix

from . import house
from .pages import ROOT, generated

README, ARCHITECTURE, FAULTS = ROOT / "README.md", ROOT / "docs/architecture.md", ROOT / "docs/faults.md"
NOT_CONFIGURED = ("jupyter_nb_updater.cli.", "jupyter_nb_updater.sandbox", "jupyter_nb_updater.app")
# A default that depends on the machine, as a reader of any machine should see it.
SHOWN = {
    "Journal.directory": "~/SageMaker/.nb-updater",
    "OsReleaseSource.cache_directory": "~/.cache/jupyter-nb-updater/dnf",
    "ChangedFiles.folders": "['~', '/tmp']",
    "ScheduleReturnPath.role": "arn:aws:iam::ACCOUNT:role/nb-updater-schedule-REGION",
}


def configurables():
    """Every class of the server extension that has traits of its own to configure."""
    found = {}
    for module in pkgutil.walk_packages(jupyter_nb_updater.__path__, "jupyter_nb_updater."):
        if module.name.startswith(NOT_CONFIGURED):
            continue
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found |= {name: cls for name, cls in members if issubclass(cls, Configurable) and cls.__module__ == module.name}
    return found


def traits():
    """Every configurable trait: name, default, help."""
    rows = ["| trait | default | |", "|---|---|---|"]
    for name, cls in sorted(configurables().items()):
        for trait in cls.class_own_traits(config=True).values():
            full = f"{name}.{trait.name}"
            default = SHOWN.get(full) or (trait.default() if isinstance(trait, List) else trait.default_value)
            if isinstance(default, type):  # once a class is resolved, traitlets holds it in place of its name
                default = f"{default.__module__}.{default.__qualname__}"
            rows.append(f"| `{full}` | `{default}` | {' '.join(trait.help.split())} |")
    return "\n".join(rows)


def exit_codes():
    """The table of exit codes."""
    texts = inspect.getsource(ExitCode).split('"""')[3::2]
    rows = [f"| {code:d} | {text} |" for code, text in zip(ExitCode, texts, strict=True)]
    return "\n".join(["| exit code | |", "|---|---|", *rows])


def transitions():
    """The state machine of the restart as a Mermaid diagram."""
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> idle", *arrows, "```"])


def bounds():
    """How long each phase may take, and how it can end."""
    rows = ["| phase | at most | ends with |", "|---|---|---|"]
    for phase in get_args(Phase):
        ends = ", ".join(f"`{event}`" for before, event in TRANSITIONS if before == phase)
        rows.append(f"| `{phase}` | {f'{BOUNDS[phase]} s' if phase in BOUNDS else 'waits for a person'} | {ends} |")
    return "\n".join(rows)


def rooms():
    """The rooms of the package, drawn from their imports."""
    arrows = [f"    {room} --> {target}" for room, target in house.room_arrows()]
    label = '    entry["app, handlers, websocket, base"]'
    return "\n".join(["```mermaid", "flowchart TD", label, *arrows, "```"])


PARTS = {
    (README, "traits"): traits,
    (README, "exit codes"): exit_codes,
    (ARCHITECTURE, "rooms"): rooms,
    (ARCHITECTURE, "transitions"): transitions,
    (ARCHITECTURE, "bounds"): bounds,
    (FAULTS, "faults"): matrix.table,
}


def main():
    """Write every part into its page."""
    for (page, name), write in PARTS.items():
        begin, end = generated(name)
        text = page.read_text("utf-8")
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        assert found, f"{page.name} has no part {name!r}: {begin!r} … {end!r}"
        page.write_text(f"{before}{begin}{write()}{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
