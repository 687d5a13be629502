"""Decide from the evidence whether a run lost anything, or was refused without a reason. Pure."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

VAGUE_LINES = ("Something is in the way", "Something went wrong")


@dataclass
class Evidence:
    """Evidence of one run.

    Args:
        stopped: whether the stop was carried out, or would have been.
        lines: lines of the dialog "Not restarted"; ``None`` without it.
        names: names that such a line can contain: documents, kinds of tabs, operations of AWS.
        held: path to the tokens that a tab held at the click, or accepted while input was still possible.
        in_tabs: tokens in the tabs at the end.
        on_disk: path to the tokens in that file at the stop, or at the end.
        excused: tokens lost for another reason: overwritten by another program, or in a tab that the user closed.
        foreign: tokens that another program has written and not removed.
        moved: path to the path that another program has moved it to.
    """

    stopped: bool
    lines: list[str] | None
    names: list[str]
    held: dict[str, set[str]]
    in_tabs: set[str]
    on_disk: dict[str, set[str]]
    excused: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)


@dataclass
class Verdict:
    """Result of a run: what is wrong, and how many bytes are lost."""

    outcome: str
    lost: list[str]
    unreasoned: list[str]
    bytes_lost: int = 0

    @property
    def is_good(self):
        """Check that nothing was lost, and no refusal had no reason."""
        return not self.lost and not self.unreasoned


def judge(evidence):
    """Check that it stopped with everything on the volume, or did not stop, lost nothing, and showed the reason."""
    everywhere = set().union(*evidence.on_disk.values())
    lost, size = [], 0
    for path, marks in sorted(evidence.held.items()):
        on_disk = _on_disk_for(path, evidence)
        safe = on_disk if evidence.stopped else on_disk | evidence.in_tabs
        for mark in sorted(marks - safe - evidence.excused):
            where = _whereabouts(mark, evidence)
            lost.append(f"{mark} of {path}, which a tab held at the click, is {where}")
            size += len(mark)
    for mark in sorted(evidence.foreign - everywhere):
        lost.append(f"{mark}, which another program had written, is overwritten")
        size += len(mark)
    unreasoned = [] if evidence.stopped else list(_without_reason(evidence))
    return Verdict("stopped" if evidence.stopped else "refused", lost, unreasoned, size)


def is_rescue_copy(path, original):
    """Check whether a file is a rescue copy of another: ``NAME.unsaved-<time>.EXT``."""
    copy, of = PurePosixPath(path), PurePosixPath(original)
    return copy.parent == of.parent and copy.suffix == of.suffix and copy.name.startswith(f"{of.stem}.unsaved-")


def _on_disk_for(path, evidence):
    moved = evidence.moved.get(path)
    return set().union(
        *(marks for file, marks in evidence.on_disk.items() if file in {path, moved} or is_rescue_copy(file, path))
    )


def _whereabouts(mark, evidence):
    files = [file for file, marks in evidence.on_disk.items() if mark in marks]
    if files:
        return f"only in {', '.join(files)}"
    return "in a tab, not on the volume" if mark in evidence.in_tabs else "nowhere"


def _without_reason(evidence):
    if not evidence.lines:
        yield "nothing was stopped, and no reason was shown"
        return
    for line in evidence.lines:
        if line.startswith(VAGUE_LINES):
            yield f"no reason that a person can act on: {line}"
    if not any(name in line for line in evidence.lines for name in evidence.names):
        yield f"no line names a thing: {evidence.lines}"
