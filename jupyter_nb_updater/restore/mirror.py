"""Folders on the volume in which copies of small files lie: taken while they change, laid back after a boot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .file_io import FileContent, FileSignature, NotCopyable, is_hidden, read_file, read_unchanged, signature_of, write_file
from .model import NotRestored

UNDECIDED = {"broken", "not-readable"}
"""What somebody may be in the middle of writing: the older copy stays until it is done."""


class MirrorLimits(NamedTuple):
    """How much is kept of one drawer at most."""

    max_bytes: int
    """Of one file."""
    max_files: int
    max_total: int
    """Bytes of all of them."""


class FileSet(NamedTuple):
    """Files of one kind that belong together."""

    kind: str
    """As the state document calls it."""
    name: str
    """Of its folder on the volume."""
    root: Path
    """Where its files are used."""
    patterns: tuple[str, ...]
    """Which of them, as ``Path.glob`` takes it. Nothing else is ever laid back, whatever lies in the folder on the volume."""
    fit: Callable[[str, bytes], bytes]
    """What of a file's content may be kept; raises :class:`NotCopyable`. Asked on the way in and on the way back."""


class FileMirror:
    """All drawers of one folder on the volume."""

    def __init__(self, store: Path, bounds: Callable[[], MirrorLimits]) -> None:
        """Args: the folder; what is kept at most."""
        self._store, self._bounds = store, bounds
        self._seen: dict[str, dict[str, FileSignature]] = {}
        self._left: dict[str, list[NotRestored]] = {}

    def keep(self, drawer: FileSet, withheld: Iterable[str] = ()) -> list[NotRestored]:
        """Bring the copies up to date, each at once; one that cannot be copied now leaves the older copy where it is.

        Args:
            drawer: which.
            withheld: names of copies that could not be laid back: they stay although nothing is in their place.

        Returns:
            What is not kept, and why.
        """
        if self._store.is_symlink():  # it leads to what is not ours to tidy up
            return [NotRestored(drawer.kind, drawer.name, "not-plain")]
        try:
            found = signature_of(drawer.root, drawer.patterns)
        except OSError:  # what cannot be looked into is not empty
            return [NotRestored(drawer.kind, drawer.name, "not-readable")]
        if found == self._seen.get(drawer.name):
            return self._left[drawer.name]
        contents, left = self._gather(drawer, sorted(found))
        undecided = {gone.detail for gone in left if gone.code in UNDECIDED}
        self._tidy(drawer, {*withheld, *undecided, *contents})
        unwritten = [name for name, content in contents.items() if not self._stored(drawer, name, content)]
        left += [NotRestored(drawer.kind, drawer.name, "not-written", name) for name in unwritten]
        self._left[drawer.name] = left
        self._seen[drawer.name] = {} if unwritten else found
        return left

    def lay_back(self, drawer: FileSet) -> tuple[dict[str, bytes], list[NotRestored]]:
        """Put the copies where they are used, never over a file that is there.

        Returns:
            What is there now as it was kept; and what is not, and why.
        """
        bounds, back, missing = self._bounds(), {}, []
        folder = self._store / drawer.name
        if self._store.is_symlink() or folder.is_symlink():
            return {}, [NotRestored(drawer.kind, drawer.name, "not-plain")]
        try:
            found = signature_of(folder, drawer.patterns)
        except OSError:
            return {}, [NotRestored(drawer.kind, drawer.name, "not-readable")]
        names = sorted(found)
        missing += [NotRestored(drawer.kind, drawer.name, "too-many", name) for name in names[bounds.max_files :]]
        for name in names[: bounds.max_files]:
            try:
                content = read_file(folder, name, bounds.max_bytes)
                content = content._replace(data=drawer.fit(name, content.data))
                code = _laid(drawer.root, name, content)
            except NotCopyable as error:
                code = error.code
            except OSError:
                code = "not-readable"
            if code is None:
                back[name] = content.data
            else:
                missing.append(NotRestored(drawer.kind, drawer.name, code, name))
        return back, missing

    def forget(self, name: str) -> None:
        """Take a drawer away with all that is in it.

        Raises:
            OSError: it is still there.
        """
        self._seen.pop(name, None)
        folder = self._store / name
        if self._store.is_symlink():
            return
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        with suppress(FileNotFoundError):
            folder.rmdir()

    def _gather(self, drawer: FileSet, names: list[str]) -> tuple[dict[str, FileContent], list[NotRestored]]:
        """What is to be kept; and what is not, or not whole."""
        bounds, total = self._bounds(), 0
        contents: dict[str, FileContent] = {}
        left = [NotRestored(drawer.kind, drawer.name, "too-many", name) for name in names[bounds.max_files :]]
        for name in names[: bounds.max_files]:
            try:
                content = read_unchanged(drawer.root, name, bounds.max_bytes)
                fitted = drawer.fit(name, content.data)
                code = "secret" if fitted != content.data else None
                total += len(fitted)
                if total <= bounds.max_total:
                    contents[name] = content._replace(data=fitted)
                else:
                    code = "too-large"
            except NotCopyable as error:
                code = error.code
            except OSError:
                code = "not-readable"
            if code is not None:
                left.append(NotRestored(drawer.kind, drawer.name, code, name))
        return contents, left

    def _stored(self, drawer: FileSet, name: str, content: FileContent) -> bool:
        """Whether the copy on the volume is this now."""
        folder = self._store / drawer.name
        try:
            if _content(folder, name, self._bounds().max_bytes) != content:
                write_file(folder, name, content, over=True)
        except (OSError, NotCopyable):
            return False
        return True

    def _tidy(self, drawer: FileSet, wanted: set[str]) -> None:
        """Away with what is kept no longer, and with what stands where a file or a folder of ours belongs."""
        folder = self._store / drawer.name
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                folder.unlink()
        for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder before the folder
            name = path.relative_to(folder).as_posix()
            with suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()  # fails unless it is empty
                elif name not in wanted and not is_hidden(drawer.root / name):
                    path.unlink()


def _content(root: Path, name: str, max_bytes: int) -> FileContent | None:
    try:
        return read_file(root, name, max_bytes)
    except (OSError, NotCopyable):
        return None


def _laid(root: Path, name: str, content: FileContent) -> str | None:
    """Why it is not there now; ``None`` when it is."""
    try:
        write_file(root, name, content, over=False)
    except FileExistsError:
        there = _content(root, name, len(content.data))
        return None if there is not None and there.data == content.data else "exists"
    except NotCopyable as error:
        return error.code
    except OSError:
        return "not-written"
    return None
