"""Mirror small files on the volume: copy them when they change, and restore them after a boot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from .file_io import FileContent, FileSignature, NotCopyable, may_exist, read_consistent, read_file, signature_of, write_file
from .model import NotRestored

POSSIBLY_IN_PROGRESS = {"broken", "not-readable"}
"""Codes of files that may be in the middle of a write; their older copy is kept."""


class MirrorLimits(Protocol):
    """Limits of a file set."""

    @property
    def max_bytes(self) -> int:
        """Maximum size of one file, in bytes."""

    @property
    def max_files(self) -> int:
        """Maximum number of files."""

    @property
    def max_total_bytes(self) -> int:
        """Maximum total size of all files, in bytes."""


class FileSet(NamedTuple):
    """Files of one kind that are copied and restored together."""

    kind: str
    """Kind of the entries in the report."""
    name: str
    """Name of the set, and of its folder on the volume."""
    root: Path
    """Folder in which the files are used."""
    patterns: tuple[str, ...]
    """Globs of the files, relative to ``root``. Other files in the folder on the volume are never restored."""
    check: Callable[[str, bytes], bytes]
    """Returns the part of the content that may be copied, or raises :class:`NotCopyable`. Called when saving and restoring."""


class FileMirror:
    """Copies of several file sets in a folder on the volume."""

    def __init__(self, store: Path, limits: MirrorLimits) -> None:
        """Create a mirror. Reads and writes nothing yet.

        Args:
            store: the folder on the volume.
            limits: limits of each set.
        """
        self._store, self._limits = store, limits
        self._signatures: dict[str, dict[str, FileSignature]] = {}
        self._not_saved: dict[str, list[NotRestored]] = {}

    def save(self, files: FileSet, retained: Iterable[str] = ()) -> list[NotRestored]:
        """Update the copies, each atomically. If a file cannot be copied now, its older copy is kept.

        Args:
            files: the set to copy.
            retained: names of copies that could not be restored, and are kept although their file does not exist.

        Returns:
            What was not saved, and why.
        """
        if self._store.is_symlink():  # never delete what it points to
            return [NotRestored(files.kind, files.name, "not-plain")]
        try:
            found = signature_of(files.root, files.patterns)
        except OSError:  # a folder that cannot be read is not empty
            return [NotRestored(files.kind, files.name, "not-readable")]
        if found == self._signatures.get(files.name):
            return self._not_saved[files.name]
        contents, problems = self._collect(files, sorted(found))
        in_progress = {entry.detail for entry in problems if entry.code in POSSIBLY_IN_PROGRESS}
        self._delete_others(files, {*retained, *in_progress, *contents})
        unwritten = [name for name, content in contents.items() if not self._write_copy(files, name, content)]
        problems += [NotRestored(files.kind, files.name, "not-written", name) for name in unwritten]
        self._not_saved[files.name] = problems
        self._signatures[files.name] = {} if unwritten else found
        return problems

    def restore(self, files: FileSet) -> tuple[dict[str, bytes], list[NotRestored]]:
        """Write the copies to where they are used, never over an existing file.

        Args:
            files: the set to restore.

        Returns:
            The restored content by name; and what was not restored, and why.
        """
        restored: dict[str, bytes] = {}
        failed: list[NotRestored] = []
        folder = self._store / files.name
        if self._store.is_symlink() or folder.is_symlink():
            return {}, [NotRestored(files.kind, files.name, "not-plain")]
        try:
            found = signature_of(folder, files.patterns)
        except OSError:
            return {}, [NotRestored(files.kind, files.name, "not-readable")]
        names = sorted(found)
        failed += [NotRestored(files.kind, files.name, "too-many", name) for name in names[self._limits.max_files :]]
        for name in names[: self._limits.max_files]:
            try:
                content = read_file(folder, name, self._limits.max_bytes)
                content = content._replace(data=files.check(name, content.data))
                code = _restore_file(files.root, name, content)
            except NotCopyable as error:
                code = error.code
            except OSError:
                code = "not-readable"
            if code is None:
                restored[name] = content.data
            else:
                failed.append(NotRestored(files.kind, files.name, code, name))
        return restored, failed

    def delete(self, name: str) -> None:
        """Delete the copies of a file set.

        Args:
            name: name of the set.

        Raises:
            OSError: some copies could not be deleted.
        """
        self._signatures.pop(name, None)
        folder = self._store / name
        if self._store.is_symlink():
            return
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        with suppress(FileNotFoundError):
            folder.rmdir()

    def _collect(self, files: FileSet, names: list[str]) -> tuple[dict[str, FileContent], list[NotRestored]]:
        """Return the content to copy, and what cannot be copied, or not completely."""
        limits, total = self._limits, 0
        contents: dict[str, FileContent] = {}
        problems = [NotRestored(files.kind, files.name, "too-many", name) for name in names[limits.max_files :]]
        for name in names[: limits.max_files]:
            try:
                content = read_consistent(files.root, name, limits.max_bytes)
                allowed = files.check(name, content.data)
                code = "secret" if allowed != content.data else None
                total += len(allowed)
                if total <= limits.max_total_bytes:
                    contents[name] = content._replace(data=allowed)
                else:
                    code = "too-large"
            except NotCopyable as error:
                code = error.code
            except OSError:
                code = "not-readable"
            if code is not None:
                problems.append(NotRestored(files.kind, files.name, code, name))
        return contents, problems

    def _write_copy(self, files: FileSet, name: str, content: FileContent) -> bool:
        """Write a copy unless it is up to date; return whether it is now."""
        folder = self._store / files.name
        try:
            if _read_or_none(folder, name, self._limits.max_bytes) != content:
                write_file(folder, name, content, overwrite=True)
        except (OSError, NotCopyable):
            return False
        return True

    def _delete_others(self, files: FileSet, wanted: set[str]) -> None:
        """Delete copies that are no longer needed, and whatever else is in their place."""
        folder = self._store / files.name
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                folder.unlink()
        for path in sorted(folder.rglob("*"), reverse=True):  # content of a folder before the folder
            name = path.relative_to(folder).as_posix()
            with suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()  # fails unless it is empty
                elif name not in wanted and not may_exist(files.root / name):
                    path.unlink()


def _read_or_none(root: Path, name: str, max_bytes: int) -> FileContent | None:
    try:
        return read_file(root, name, max_bytes)
    except (OSError, NotCopyable):
        return None


def _restore_file(root: Path, name: str, content: FileContent) -> str | None:
    """Write a file where it is used; return a code if that failed, or ``None``."""
    try:
        write_file(root, name, content, overwrite=False)
    except FileExistsError:
        existing = _read_or_none(root, name, len(content.data))
        return None if existing is not None and existing.data == content.data else "exists"
    except NotCopyable as error:
        return error.code
    except OSError:
        return "not-written"
    return None
