"""Find, insert and remove the block of this package in an OnStart script, in bytes: the rest stays byte for byte.

The block stands after the first line if that begins with ``#!``, else at the very top; it may stand anywhere, since it waits
until the script around it has ended. Its first line notes what it takes to prove later that nothing else has changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

SHELLS = {"bash", "sh"}
"""On Amazon Linux ``/bin/sh`` is bash, in its POSIX mode."""

WITH_VALUE = {"-u", "--unset", "-C", "--chdir"}
"""Options of ``env`` that take a value of their own (env(1))."""

COUNTS_ITS_LINES = re.compile(
    rb"""^[^#\n]*\b(?:tail\s+(?:-n\s*)?\+\d|head\s+-(?:n\s*)?\d|sed\b[^\n|]*['"\s]\d+[,qdp])[^\n|]*["\s]\$\{?(?:0\b|BASH_SOURCE)""",
    re.MULTILINE,
)
"""A script that reads on from a line of itself, as archives that extract themselves do. Our block would move that line."""


class NotMerged(Exception):
    """Our block is not put in, or not taken out.

    Args:
        code: ``damaged``, ``edited``, ``absent``, ``too-long``, ``not-text``, ``not-bash`` or ``reads-itself``.
        message: why, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def check(script: bytes) -> None:
    """See whether bash runs it, as far as that can be seen.

    Raises:
        NotMerged: it is none that bash reads.
    """
    if b"\0" in script:
        raise NotMerged("not-text", "it is no text that bash reads: it has NUL bytes, as UTF-16 and programs have")
    shell = interpreter(script)
    if shell is not None and shell not in SHELLS:
        raise NotMerged(
            "not-bash",
            f"it is a script of {shell}, and our block is one of bash. Keep it as a file on the volume or on S3, and let a "
            "script of bash call it; ours goes into that one",
        )
    if COUNTS_ITS_LINES.search(script):
        raise NotMerged(
            "reads-itself",
            "it reads on from a line of itself that it knows by number, and our block would move that line. Let it look for a "
            "mark in the line instead, or keep what it reads in a file of its own",
        )


def interpreter(script: bytes) -> str | None:
    """The name of what runs it, as its first line says; ``None`` without ``#!``: then a shell runs it (execve(2), ENOEXEC)."""
    if not script.startswith(b"#!"):
        return None
    arguments = script.partition(b"\n")[0][2:].decode("utf-8", "replace").split()
    if arguments and arguments[0].rpartition("/")[2] == "env":
        arguments = _after_env(arguments[1:])
    return arguments[0].rpartition("/")[2] if arguments else None


def _after_env(arguments: list[str]) -> list[str]:
    """What ``env`` runs: its own options and the variables that it sets come first."""
    while arguments and (arguments[0].startswith("-") or "=" in arguments[0]):
        arguments = arguments[2:] if arguments[0] in WITH_VALUE else arguments[1:]
    return arguments


def grouped(number: int) -> str:
    """A figure as a person reads it."""
    return f"{number:,}"


BEGIN = re.compile(rb"^# >>> jupyter-nb-updater (?P<version>[^\s>]+) >>>(?P<notes>[^\n]*)\n", re.MULTILINE)
END = re.compile(rb"^# <<< jupyter-nb-updater <<<[ \t\r]*(?:\n|\Z)", re.MULTILINE)
TRACE = re.compile(
    rb"^[ \t#]*(?:>>>|<<<) *jupyter-nb-updater|^[ \t]*#[^\n]*\bjupyter-nb-updater\b[^\n]*(?:>>>|<<<)", re.MULTILINE
)
NOTE = re.compile(rb" (original|block|whole):([0-9a-f]+)")

SAFE_SCRIPT_BYTES, MAX_SCRIPT_BYTES = 12_288, 16_384
"""Bytes. AWS documents 16,384 characters for a script (Developer Guide, "Customization of a SageMaker notebook instance using
an LCC script"); its API model puts that limit on the base64 text, which leaves 12,288. Which of them holds is not verified."""

NOTED_HEX_DIGITS = 32
"""Digits of a SHA-256 that are noted: enough to see a change, where each byte counts."""


@dataclass(frozen=True)
class BlockForms:
    """What is put into a lifecycle configuration.

    Args:
        whole: complete script, for a configuration that has none.
        block: block for the script of somebody else.
        short: block for a script that leaves little room; empty when there is none.
        no_short: why there is no short block.
    """

    whole: bytes
    block: bytes
    short: bytes
    no_short: str = ""


@dataclass(frozen=True)
class FoundBlock:
    """The block in a script.

    Args:
        version: version that its first line names.
        without_block: the script without the block.
        original: how the SHA-256 of the script as it was before begins; empty when that was not noted.
        is_own_script: whether the whole script is this package's.
        is_edited: whether somebody has changed the block, or this package's script.
    """

    version: str
    without_block: bytes
    original: str
    is_own_script: bool
    is_edited: bool

    @property
    def is_restored(self) -> bool | None:
        """Whether the rest is what the script was before the block; ``None`` when that was not noted."""
        return digest(self.without_block).startswith(self.original) if self.original else None


@dataclass(frozen=True)
class MergedScript:
    """A script with the block.

    Args:
        text: the script.
        is_short: whether there was room for the short form only.
    """

    text: bytes
    is_short: bool = False


def digest(script: bytes) -> str:
    """Return the SHA-256 of a script in hexadecimal."""
    return sha256(script).hexdigest()


def limit(scripts: list[bytes]) -> int:
    """Return how many bytes AWS accepts, by what it has accepted: one longer script proves that the limit is on the text."""
    return MAX_SCRIPT_BYTES if any(len(script) > SAFE_SCRIPT_BYTES for script in scripts) else SAFE_SCRIPT_BYTES


def find(script: bytes) -> FoundBlock | None:
    """Find the block in a script; ``None`` when there is no trace of it.

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
    notes = {name.decode(): value.decode() for name, value in NOTE.findall(begin["notes"])}
    block, start = script[begin.start() : end.end()], begin.start()
    if not block.endswith(b"\n") and script[:start].endswith(b"\n"):
        start -= 1  # the newline before it is ours: their first line, the only one, had none
    is_own_script = "whole" in notes
    now = _fingerprint(script if is_own_script else block)
    return FoundBlock(
        version=begin["version"].decode("utf-8", "replace"),
        without_block=b"" if is_own_script else script[:start] + script[end.end() :],
        original=notes.get("original", ""),
        is_own_script=is_own_script,
        is_edited=now != notes.get("whole" if is_own_script else "block", now),
    )


def attach(script: bytes, forms: BlockForms, limit_bytes: int, *, force: bool = False) -> MergedScript:
    """Insert the block into a script, in the place of an older one.

    Args:
        script: the script; empty when there is none.
        forms: what is put in.
        limit_bytes: bytes that AWS accepts.
        force: replace an older block even where somebody has changed it.

    Raises:
        NotMerged: it cannot be done; the message says what to do instead.
    """
    found = find(script)
    _check_edited(found, force=force)
    by_hand = found and not found.original and found.without_block == _outside(forms.whole)
    if not script or by_hand or (found and found.is_own_script):
        whole = _note(forms.whole, {"whole": _fingerprint(forms.whole)})
        if len(whole) > limit_bytes:
            raise NotMerged(
                "too-long", f"our own script would have {grouped(len(whole))} bytes, and AWS takes {grouped(limit_bytes)}"
            )
        return MergedScript(whole)
    user_script = found.without_block if found else script
    check(user_script)
    original = found.original if found else digest(user_script)[:NOTED_HEX_DIGITS]
    texts = [_insert(user_script, _noted(block, original)) for block in (forms.block, forms.short) if block]
    for number, text in enumerate(texts):
        if len(text) <= limit_bytes:
            return MergedScript(text, is_short=number > 0)
    raise NotMerged(
        "too-long",
        f"it has {grouped(len(user_script))} bytes, our shortest block {grouped(len(texts[-1]) - len(user_script))}: together "
        f"{grouped(len(texts[-1]))}, and AWS takes {grouped(limit_bytes)}. "
        + (forms.no_short or "Move a part of it to a file on S3 that it fetches and runs"),
    )


def detach(script: bytes, *, force: bool = False) -> FoundBlock:
    """Remove the block from a script. Returns what is left, and whether that is what it was.

    Args:
        script: script with the block.
        force: remove the block even where somebody has changed it; the change is lost.

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
            f"somebody has changed {'our script' if found.is_own_script else 'what is between our two marks'}. What is theirs "
            "belongs outside; to discard the change, give --force",
        )


def _insert(user_script: bytes, block: bytes) -> bytes:
    if not user_script.startswith(b"#!"):
        return block + user_script
    first, newline, rest = user_script.partition(b"\n")
    return first + newline + block + rest if newline else first + b"\n" + block.rstrip(b"\n")


def _noted(block: bytes, original: str) -> bytes:
    notes = {"original": original} if original else {}
    return _note(block, notes | {"block": _fingerprint(_note(block, notes))})


def _note(text: bytes, notes: dict[str, str]) -> bytes:
    """Return the text with these notes at the end of the first line of the block."""
    suffix = "".join(f" {name}:{value}" for name, value in notes.items()).encode()
    return BEGIN.sub(lambda found: found[0].rstrip(b"\n") + suffix + b"\n", text, count=1)


def _fingerprint(text: bytes) -> str:
    """Of what is ours, without the word that holds it and without a last newline: enough to see a change that nobody hides."""
    bare = BEGIN.sub(lambda found: re.sub(rb" (?:block|whole):[0-9a-f]+", b"", found[0]), text, count=1)
    return digest(bare.rstrip(b"\n"))[:16]


def _outside(whole: bytes) -> bytes | None:
    found = find(whole)
    return found.without_block if found else None
