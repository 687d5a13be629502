"""Files outside the volume that the user created since the boot. Reads only names, sizes and dates, never content."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import translate
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Float, Int, List, Unicode, default
from traitlets.config import LoggingConfigurable

from ..util.clock import from_text, to_text
from ..util.files import atomic_write, read_json, with_tilde
from .loss import Loss, loss

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter


IGNORED_PATHS = [
    # created by a start, or listed with the packages
    "SageMaker", "sample-notebooks", "anaconda3", "miniconda3", ".local/lib", ".local/bin", "lost+found",
    # state of programs, and JupyterLab's layout, which is restored
    ".cache", ".conda", ".condarc", ".npm", ".yarn", ".ipython", ".jupyter", ".local/share/jupyter", ".local/state", ".nv",
    ".*_history", ".lesshst", ".viminfo", ".wget-hsts", ".Xauthority", ".pki", ".sparkmagic", ".docker", ".keras",
    ".matplotlib", ".config/matplotlib", ".config/pip", "__pycache__", "*/__pycache__",
    # in temporary folders
    "systemd-private-*", ".*-unix", "tmux-*", "ssh-*", "pip-*", "pymp-*", "npm-*", "hsperfdata_*", "v8-compile-cache*",
]  # fmt: skip

OTHER = "other"
"""Name of the loss that summarizes everything that is not listed individually."""


class ChangedFiles(LoggingConfigurable):
    """Scan the folders where users leave files, within limits of time and number."""

    folders = List(
        Unicode(),
        help="Folders to scan for files that a stop deletes. Default: the home folder and the temporary folder.",
    ).tag(config=True)
    ignored = List(
        Unicode(),
        IGNORED_PATHS,
        help="Files and folders to ignore, as `fnmatch` patterns relative to an entry of `folders`.",
    ).tag(config=True)
    max_entries = Int(
        100_000, help="Maximum number of files and folders per scan. A scan that reaches it is reported as incomplete."
    ).tag(config=True)
    max_seconds = Float(2.0, help="Time limit in seconds per scan. A scan that reaches it is reported as incomplete.").tag(
        config=True
    )
    max_listed = Int(
        10, help="Maximum number of files and folders that are listed individually, largest first. The others are summarized."
    ).tag(config=True)

    @default("folders")
    def _default_folders(self) -> list[str]:
        return ["~", tempfile.gettempdir()]

    def losses(self, since: datetime, volume: Path, kept: Iterable[str] = ()) -> list[Loss]:
        """Return new files as losses, by file or folder at the top of the scanned folders.

        Args:
            since: files that changed later are new.
            volume: folder of the volume, which survives and is not scanned.
            kept: patterns of further files that are not lost.
        """
        roots = [Path(folder).expanduser() for folder in self.folders]
        walk = ChangedPathWalk(
            since=since.timestamp(),
            ignored=[*self.ignored, *kept],
            excluded=[volume, *roots],
            max_entries=self.max_entries,
            deadline=time.monotonic() + self.max_seconds,
        )
        paths = [path for root in dict.fromkeys(roots) for path in walk.scan(root)]
        paths.sort(key=lambda path: path.size, reverse=True)
        listed, other = paths[: self.max_listed], ChangedPath.sum(OTHER, paths[self.max_listed :])
        other.is_complete = other.is_complete and not walk.truncated
        return [_loss(path) for path in (*listed, other) if path.files or not path.is_complete]


@dataclass
class ChangedPath:
    """A file, or a folder with all new files in it.

    Args:
        path: its path.
        files: number of new files.
        size: total size of the new files, in bytes.
        newest: time of the latest change, in seconds since the epoch.
        is_complete: whether all of it was scanned.
    """

    path: str
    files: int = 0
    size: int = 0
    newest: float = 0.0
    is_complete: bool = True

    @staticmethod
    def sum(path: str, parts: Iterable[ChangedPath]) -> ChangedPath:
        """Add up several paths.

        Args:
            path: name of the sum.
            parts: the paths.
        """
        total = ChangedPath(path)
        for part in parts:
            total.files, total.size = total.files + part.files, total.size + part.size
            total.newest, total.is_complete = max(total.newest, part.newest), total.is_complete and part.is_complete
        return total


class ChangedPathWalk:
    """One scan. It follows no links, and stays on one filesystem, because mounted ones are not deleted.

    Attributes:
        truncated: whether it ended before everything was scanned.
    """

    def __init__(
        self, *, since: float, ignored: Iterable[str], excluded: Iterable[Path], max_entries: int, deadline: float
    ) -> None:
        """Set what counts as new, and the limits of the scan.

        Args:
            since: a file is new if its content, its name or its folder changed later, in seconds since the epoch (st_ctime).
                st_mtime does not help: unpacked archives and downloads set it to the original time.
            ignored: patterns of paths relative to the scanned folder.
            excluded: folders that are skipped, under whatever name they are found.
            max_entries: maximum number of files and folders.
            deadline: end on the monotonic clock, in seconds.
        """
        self._since, self._entries_left, self._deadline = since, max_entries, deadline
        self._ignored = re.compile("|".join(map(translate, ignored)) or "(?!)")
        self._excluded = {(status.st_dev, status.st_ino) for folder in excluded if (status := _status(folder.resolve()))}
        self.truncated = False

    def scan(self, root: Path) -> list[ChangedPath]:
        """Return the new files in a folder. In a folder of another user (``/tmp``) only the user's own files count.

        Args:
            root: the folder.
        """
        status = _status(root.resolve())
        if status is None:
            return []
        owner = None if status.st_uid == os.getuid() else os.getuid()
        prefix_chars = len(str(root).rstrip("/")) + 1
        changed = []
        for entry in self._entries(root):
            path = ChangedPath(entry.path)
            for file in self._new_files(path, entry, prefix_chars, status.st_dev):
                if owner in {None, file.st_uid}:
                    path.files, path.size = path.files + 1, path.size + file.st_size
                    path.newest = max(path.newest, file.st_ctime)
            if path.files:
                changed.append(path)
        return changed

    def _new_files(
        self, path: ChangedPath, entry: os.DirEntry[str], prefix_chars: int, device: int
    ) -> Iterator[os.stat_result]:
        """Iterate over the new files of one path.

        ``prefix_chars`` is the length of the scanned folder's path with its slash.
        """
        pending = [entry]
        while pending:
            if self._entries_left <= 0 or time.monotonic() > self._deadline:
                self.truncated, path.is_complete = True, False
                return
            entry = pending.pop()
            self._entries_left -= 1
            status = None if self._ignored.match(entry.path, prefix_chars) else _status(entry)
            if status is None or (status.st_dev, status.st_ino) in self._excluded:
                continue
            if stat.S_ISDIR(status.st_mode) and status.st_dev == device:
                pending += self._entries(entry)
            elif stat.S_ISREG(status.st_mode) and status.st_ctime > self._since:
                yield status

    def _entries(self, folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(islice(entries, self._entries_left + 1))  # one more, at which the scan ends
        except OSError:  # deleted or not readable
            return []


def _status(path: Path | os.DirEntry[str]) -> os.stat_result | None:
    """Return the status of the path itself, even if it is a link."""
    try:
        return path.stat(follow_symlinks=False)
    except OSError:
        return None


def _loss(path: ChangedPath) -> Loss:
    name = OTHER if path.path == OTHER else with_tilde(Path(path.path))
    count = f"{path.files}" if path.is_complete else f"more than {path.files}"
    return loss("files", name, name, count, since=path.newest, size=path.size)


FIRST_SEEN_FORMAT = 1


MAX_BOOT_TIME_DRIFT = timedelta(minutes=1)
"""Tolerance for the same boot: Linux recomputes the boot time at each reading, and setting the clock moves it."""


class FirstSeen:
    """The first time that our server ran after this boot, saved in a file on the volume.

    Only servers that are started later in the same boot read the file. If the volume cannot be written, each server uses its
    own
    start, or the boot if that is later: earlier files are not listed as new.
    """

    def __init__(self, path: Path, started: datetime, log: Logger | LoggerAdapter[Any]) -> None:
        """Set the file.

        Args:
            path: the file.
            started: time at which this server started.
            log: receives a warning about a file that cannot be used.
        """
        self._path, self._started, self._log = path, started, log

    def read(self, booted: datetime | None, now: datetime) -> datetime:
        """Return the first time, and save it if there is none.

        Args:
            booted: time of the last boot; ``None`` if unknown.
            now: the current time.
        """
        if booted is None:
            return self._started
        first_seen = self._load(booted)
        if first_seen is None:
            first_seen = now if self._save(booted, now) else max(booted, self._started)
        return first_seen

    def _load(self, booted: datetime) -> datetime | None:
        """Return the saved time; ``None`` if it is of another boot or cannot be used."""
        content = read_json(self._path, FIRST_SEEN_FORMAT, self._log)
        if content is None:
            return None
        try:
            saved_boot, first_seen = from_text(content["booted"]), from_text(content["first_seen"])
        except (ValueError, TypeError, KeyError) as error:
            self._log.warning("Ignoring %s: %r", self._path, error)
            return None
        return first_seen if saved_boot is not None and abs(saved_boot - booted) < MAX_BOOT_TIME_DRIFT else None

    def _save(self, booted: datetime, first_seen: datetime) -> bool:
        content = {"format": FIRST_SEEN_FORMAT, "booted": to_text(booted), "first_seen": to_text(first_seen)}
        try:
            atomic_write(self._path, json.dumps(content))
        except OSError:
            return False
        return True
