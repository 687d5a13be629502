"""Find, insert and remove the block of this package in an OnStart script. The rest of the script stays byte for byte.

The block follows the first line if that begins with ``#!``, else it is at the top. Its position does not matter, because it
waits until the rest of the script has ended. Its first line has the hashes that prove later that nothing else has changed.
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
"""A script that reads a part of itself by line number, as self-extracting archives do. A block would move that line."""


class NotMerged(Exception):
    """The block cannot be inserted or removed.

    Args:
        code: ``damaged``, ``edited``, ``absent``, ``too-long``, ``not-text``, ``not-bash`` or ``reads-itself``.
        message: reason and next step, in words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def check(script: bytes) -> None:
    """Check whether bash runs a script, as far as that can be checked.

    Args:
        script: the script.

    Raises:
        NotMerged: it is not a bash script.
    """
    if b"\0" in script:
        raise NotMerged("not-text", "the script is not text: it has NUL bytes. Save it as UTF-8")
    shell = interpreter(script)
    if shell is not None and shell not in SHELLS:
        raise NotMerged(
            "not-bash",
            f"the script runs in {shell}, but the extension needs bash. Move it to a file on the volume or on S3, and run that "
            "file from a bash script",
        )
    if COUNTS_ITS_LINES.search(script):
        raise NotMerged(
            "reads-itself",
            "the script reads a part of itself by line number, which the extension would move. Search for a marker instead, or "
            "move that part to a file",
        )


def interpreter(script: bytes) -> str | None:
    """Return the name of the interpreter in the first line; ``None`` without ``#!``: then a shell runs it (execve(2), ENOEXEC).

    Args:
        script: the script.
    """
    if not script.startswith(b"#!"):
        return None
    arguments = script.partition(b"\n")[0][2:].decode("utf-8", "replace").split()
    if arguments and arguments[0].rpartition("/")[2] == "env":
        arguments = _after_env(arguments[1:])
    return arguments[0].rpartition("/")[2] if arguments else None


def _after_env(arguments: list[str]) -> list[str]:
    """Return what ``env`` runs, without its options and variables."""
    while arguments and (arguments[0].startswith("-") or "=" in arguments[0]):
        arguments = arguments[2:] if arguments[0] in WITH_VALUE else arguments[1:]
    return arguments


def grouped(number: int) -> str:
    """Return a number with separators for thousands.

    Args:
        number: the number.
    """
    return f"{number:,}"


BEGIN = re.compile(rb"^# >>> jupyter-nb-updater (?P<version>[^\s>]+) >>>(?P<notes>[^\n]*)\n", re.MULTILINE)
END = re.compile(rb"^# <<< jupyter-nb-updater <<<[ \t\r]*(?:\n|\Z)", re.MULTILINE)
TRACE = re.compile(
    rb"^[ \t#]*(?:>>>|<<<) *jupyter-nb-updater|^[ \t]*#[^\n]*\bjupyter-nb-updater\b[^\n]*(?:>>>|<<<)", re.MULTILINE
)
NOTE = re.compile(rb" (original|block|whole):([0-9a-f]+)")

SAFE_SCRIPT_BYTES, MAX_SCRIPT_BYTES = 12_288, 16_384
"""Bytes. AWS documents 16,384 characters for a script (Developer Guide, "Customization of a SageMaker notebook instance using
an LCC script"); its API model puts that limit on the base64 text, which leaves 12,288.
Which one AWS enforces is not verified."""

NOTED_HEX_DIGITS = 32
"""Digits of a SHA-256 that the block records: enough to detect a change in space that is scarce."""


@dataclass(frozen=True)
class BlockForms:
    """The forms of the block.

    Args:
        whole: complete script, for a configuration without one.
        block: block for an existing script.
        short: block for an existing script that leaves little space; empty when there is none.
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
        original: first digits of the SHA-256 of the script before the block; empty when not recorded.
        is_own_script: whether the whole script is this package's.
        is_edited: whether somebody has edited the block, or this package's script.
    """

    version: str
    without_block: bytes
    original: str
    is_own_script: bool
    is_edited: bool

    @property
    def is_restored(self) -> bool | None:
        """Whether the rest is the script before the block; ``None`` when its SHA-256 was not recorded."""
        return digest(self.without_block).startswith(self.original) if self.original else None


@dataclass(frozen=True)
class MergedScript:
    """A script with the block.

    Args:
        text: the script.
        is_short: whether only the short form fitted.
    """

    text: bytes
    is_short: bool = False


def digest(script: bytes) -> str:
    """Return the SHA-256 of a script in hexadecimal."""
    return sha256(script).hexdigest()


def limit(scripts: list[bytes]) -> int:
    """Return how many bytes AWS accepts: one longer script in the account proves the higher limit.

    Args:
        scripts: all scripts of the account.
    """
    return MAX_SCRIPT_BYTES if any(len(script) > SAFE_SCRIPT_BYTES for script in scripts) else SAFE_SCRIPT_BYTES


def find(script: bytes) -> FoundBlock | None:
    """Return the block in a script; ``None`` when there is none.

    Args:
        script: the script.

    Raises:
        NotMerged: the block is damaged.
    """
    begins, ends = list(BEGIN.finditer(script)), list(END.finditer(script))
    if not TRACE.search(script):
        return None
    if len(begins) != 1 or len(ends) != 1 or begins[0].end() > ends[0].start():
        raise NotMerged(
            "damaged",
            "the block of the extension is damaged: it must begin with one line `# >>> jupyter-nb-updater VERSION >>>` and end "
            "with one line `# <<< jupyter-nb-updater <<<`. Delete the rest of the block by hand, then attach again",
        )
    begin, end = begins[0], ends[0]
    notes = {name.decode(): value.decode() for name, value in NOTE.findall(begin["notes"])}
    block, start = script[begin.start() : end.end()], begin.start()
    if not block.endswith(b"\n") and script[:start].endswith(b"\n"):
        start -= 1  # we added the newline before it: the only line of the script had none
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
    """Insert the block into a script, or replace an older block.

    Args:
        script: the script; empty for none.
        forms: the forms of the block.
        limit_bytes: size that AWS accepts, in bytes.
        force: replace an older block even if somebody has edited it.

    Raises:
        NotMerged: the block cannot be inserted; the message has the next step.
    """
    found = find(script)
    _check_edited(found, force=force)
    by_hand = found and not found.original and found.without_block == _outside(forms.whole)
    if not script or by_hand or (found and found.is_own_script):
        whole = _note(forms.whole, {"whole": _fingerprint(forms.whole)})
        if len(whole) > limit_bytes:
            raise NotMerged(
                "too-long", f"the script would have {grouped(len(whole))} bytes; AWS accepts {grouped(limit_bytes)}"
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
        f"your script has {grouped(len(user_script))} bytes and the block {grouped(len(texts[-1]) - len(user_script))}, in all "
        f"{grouped(len(texts[-1]))}; AWS accepts {grouped(limit_bytes)}. "
        + (forms.no_short or "Move a part of your script to a file on S3, and run that file from it"),
    )


def detach(script: bytes, *, force: bool = False) -> FoundBlock:
    """Remove the block from a script. The result has the rest, and whether it is as before.

    Args:
        script: script with the block.
        force: remove the block even if somebody has edited it.

    Raises:
        NotMerged: there is no block, or somebody has edited it.
    """
    found = find(script)
    if found is None:
        raise NotMerged("absent", "the script does not have the extension")
    _check_edited(found, force=force)
    return found


def _check_edited(found: FoundBlock | None, *, force: bool) -> None:
    if found and found.is_edited and not force:
        raise NotMerged(
            "edited",
            f"somebody has edited {'the script' if found.is_own_script else 'the block'} of the extension. Move the edits out "
            "of it, or discard them with --force",
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
    """Return a hash of the block, without the note that has it and the last newline. It detects edits, not forgery."""
    bare = BEGIN.sub(lambda found: re.sub(rb" (?:block|whole):[0-9a-f]+", b"", found[0]), text, count=1)
    return digest(bare.rstrip(b"\n"))[:16]


def _outside(whole: bytes) -> bytes | None:
    found = find(whole)
    return found.without_block if found else None
