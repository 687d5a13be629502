"""Our block in somebody's OnStart script: found, put in, taken out. Pure, and in bytes: what is theirs stays byte for byte.

The block stands after the first line if that begins with ``#!``, else at the very top; it may stand anywhere, since it waits
until the script around it has ended. Its first line notes what it takes to prove later that nothing else has changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from .script_check import NotMerged, check, grouped

BEGIN = re.compile(rb"^# >>> jupyter-nb-updater (?P<version>[^\s>]+) >>>(?P<words>[^\n]*)\n", re.MULTILINE)
END = re.compile(rb"^# <<< jupyter-nb-updater <<<[ \t\r]*(?:\n|\Z)", re.MULTILINE)
TRACE = re.compile(
    rb"^[ \t#]*(?:>>>|<<<) *jupyter-nb-updater|^[ \t]*#[^\n]*\bjupyter-nb-updater\b[^\n]*(?:>>>|<<<)", re.MULTILINE
)
NOTE = re.compile(rb" (original|block|whole):([0-9a-f]+)")

SURE, UPPER = 12_288, 16_384
"""Bytes. AWS documents 16,384 characters for a script (Developer Guide, "Customization of a SageMaker notebook instance using
an LCC script"); its API model puts that limit on the base64 text, which leaves 12,288. Which of them holds is not verified."""

NOTED = 32
"""How much of a SHA-256 is noted: enough to see a change, where each byte counts."""


@dataclass(frozen=True)
class BlockForms:
    """What we put in.

    Args:
        whole: a script of our own.
        block: for a script of theirs.
        short: the same, for a script that leaves little room; empty when there is none.
        no_short: why there is none.
    """

    whole: bytes
    block: bytes
    short: bytes
    no_short: str = ""


@dataclass(frozen=True)
class FoundBlock:
    """Our block, where it is.

    Args:
        version: as its first line says it.
        theirs: the script without it.
        original: how the SHA-256 of the script as it was before begins; empty when that was not noted.
        is_whole: the script is ours from end to end; nobody else had one.
        is_edited: somebody has changed what is ours.
    """

    version: str
    theirs: bytes
    original: str
    is_whole: bool
    is_edited: bool

    @property
    def is_restored(self) -> bool | None:
        """Whether what is left without us is what it was before us; ``None`` when that was not noted."""
        return digest(self.theirs).startswith(self.original) if self.original else None


@dataclass(frozen=True)
class MergedScript:
    """A script with our block.

    Args:
        text: of it.
        is_short: there was room for the short form only.
    """

    text: bytes
    is_short: bool = False


def digest(script: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return sha256(script).hexdigest()


def limit(scripts: list[bytes]) -> int:
    """How many bytes AWS takes, by what it has taken already: one longer script proves that the limit is on the text."""
    return UPPER if any(len(script) > SURE for script in scripts) else SURE


def find(script: bytes) -> FoundBlock | None:
    """Our block in a script; ``None`` when there is no trace of it.

    Raises:
        NotMerged: there are traces that are no block: somebody has damaged it.
    """
    begins, ends = list(BEGIN.finditer(script)), list(END.finditer(script))
    if not TRACE.search(script):
        return None
    if len(begins) != 1 or len(ends) != 1 or begins[0].end() > ends[0].start():
        raise NotMerged(
            "damaged",
            "the lines that mark our block are damaged: there must be one `# >>> jupyter-nb-updater VERSION >>>` and, after "
            "it, one `# <<< jupyter-nb-updater <<<`. Take out by hand what is left of the block, then attach again",
        )
    begin, end = begins[0], ends[0]
    notes = {name.decode(): value.decode() for name, value in NOTE.findall(begin["words"])}
    block, start = script[begin.start() : end.end()], begin.start()
    if not block.endswith(b"\n") and script[:start].endswith(b"\n"):
        start -= 1  # the newline before it is ours: their first line, the only one, had none
    is_whole = "whole" in notes
    now = _fingerprint(script if is_whole else block)
    return FoundBlock(
        version=begin["version"].decode("utf-8", "replace"),
        theirs=b"" if is_whole else script[:start] + script[end.end() :],
        original=notes.get("original", ""),
        is_whole=is_whole,
        is_edited=now != notes.get("whole" if is_whole else "block", now),
    )


def attach(script: bytes, forms: BlockForms, most: int, *, force: bool = False) -> MergedScript:
    """The script with our block, in the place of an older one.

    Args:
        script: as it is; empty when there is none.
        forms: of ours.
        most: bytes that AWS takes.
        force: even where somebody has changed an older block of ours.

    Raises:
        NotMerged: it cannot be done; the message says what to do instead.
    """
    found = find(script)
    _check_edited(found, force=force)
    by_hand = found and not found.original and found.theirs == _outside(forms.whole)
    if not script or by_hand or (found and found.is_whole):
        whole = _note(forms.whole, {"whole": _fingerprint(forms.whole)})
        if len(whole) > most:
            raise NotMerged("too-long", f"our own script would have {grouped(len(whole))} bytes, and AWS takes {grouped(most)}")
        return MergedScript(whole)
    theirs = found.theirs if found else script
    check(theirs)
    original = found.original if found else digest(theirs)[:NOTED]
    texts = [_insert(theirs, _noted(block, original)) for block in (forms.block, forms.short) if block]
    for number, text in enumerate(texts):
        if len(text) <= most:
            return MergedScript(text, is_short=number > 0)
    raise NotMerged(
        "too-long",
        f"it has {grouped(len(theirs))} bytes, our shortest block {grouped(len(texts[-1]) - len(theirs))}: together "
        f"{grouped(len(texts[-1]))}, and AWS takes {grouped(most)}. "
        + (forms.no_short or "Move a part of it to a file on S3 that it fetches and runs"),
    )


def detach(script: bytes, *, force: bool = False) -> FoundBlock:
    """What is left without our block: ``theirs``, and whether that is what it was.

    Args:
        script: that has our block.
        force: even where somebody has changed the block: what was changed in it goes with it.

    Raises:
        NotMerged: there is no block, or it cannot be taken out without loss.
    """
    found = find(script)
    if found is None:
        raise NotMerged("absent", "our block is not in it")
    _check_edited(found, force=force)
    return found


def _check_edited(found: FoundBlock | None, *, force: bool) -> None:
    if found and found.is_edited and not force:
        raise NotMerged(
            "edited",
            f"somebody has changed {'our script' if found.is_whole else 'what is between our two marks'}. What is theirs "
            "belongs outside; to discard the change, give --force",
        )


def _insert(theirs: bytes, block: bytes) -> bytes:
    if not theirs.startswith(b"#!"):
        return block + theirs
    first, newline, rest = theirs.partition(b"\n")
    return first + newline + block + rest if newline else first + b"\n" + block.rstrip(b"\n")


def _noted(block: bytes, original: str) -> bytes:
    notes = {"original": original} if original else {}
    return _note(block, notes | {"block": _fingerprint(_note(block, notes))})


def _note(text: bytes, notes: dict[str, str]) -> bytes:
    """The text with these words at the end of the line with which our block begins."""
    words = "".join(f" {name}:{value}" for name, value in notes.items()).encode()
    return BEGIN.sub(lambda found: found[0].rstrip(b"\n") + words + b"\n", text, count=1)


def _fingerprint(text: bytes) -> str:
    """Of what is ours, without the word that holds it and without a last newline: enough to see a change that nobody hides."""
    bare = BEGIN.sub(lambda found: re.sub(rb" (?:block|whole):[0-9a-f]+", b"", found[0]), text, count=1)
    return digest(bare.rstrip(b"\n"))[:16]


def _outside(whole: bytes) -> bytes | None:
    found = find(whole)
    return found.theirs if found else None
