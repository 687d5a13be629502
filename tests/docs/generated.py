"""Generate parts of the pages from the code: ``python -m tests.docs.generated`` updates the pages."""

from functools import partial
from typing import get_args

from jupyter_nb_updater.restart.machine import BOUNDS, TRANSITIONS, Phase
from tests.traces import matrix

from . import house, reference
from .pages import ROOT, generated

ARCHITECTURE, FAULTS = ROOT / "docs/architecture.md", ROOT / "docs/faults.md"
SANDBOX, VERIFICATION = ROOT / "docs/sandbox.md", ROOT / "docs/verification.md"
CLI, CONFIGURATION = ROOT / "docs/cli.md", ROOT / "docs/configuration.md"


def transitions():
    """Return the state machine of the restart as a Mermaid diagram."""
    arrows = [f"    {before} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> idle", *arrows, "```"])


def bounds():
    """Return a table of how long each phase may take, and how it can end."""
    rows = ["| phase | at most | ends with |", "|---|---|---|"]
    for phase in get_args(Phase):
        ends = ", ".join(f"`{event}`" for before, event in TRANSITIONS if before == phase)
        rows.append(f"| `{phase}` | {f'{BOUNDS[phase]} s' if phase in BOUNDS else 'waits for a person'} | {ends} |")
    return "\n".join(rows)


def rooms():
    """Return a diagram of the imports between the packages."""
    arrows = [f"    {room} --> {target}" for room, target in house.room_arrows()]
    label = '    entry["app, handlers, websocket, base"]'
    return "\n".join(["```mermaid", "flowchart TD", label, *arrows, "```"])


PARTS = {
    (CLI, "exit codes"): reference.exit_codes,
    (CLI, "commands"): reference.commands,
    **{(CONFIGURATION, group): partial(reference.traits_of, group) for group in (*reference.SET_BY, reference.DEVELOPERS)},
    (ARCHITECTURE, "rooms"): rooms,
    (ARCHITECTURE, "transitions"): transitions,
    (ARCHITECTURE, "bounds"): bounds,
    (FAULTS, "faults"): matrix.table,
    **{(SANDBOX, part): partial(reference.modeled, part) for part in ("api", "front", "machine")},
    (VERIFICATION, "assumptions"): reference.unproven,
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
