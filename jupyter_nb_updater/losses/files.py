"""Files outside the volume that the user has made since the boot. Only names, sizes and dates are read, never a content."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import translate
from itertools import islice
from pathlib import Path

from traitlets import Float, Int, List, Unicode, default
from traitlets.config import LoggingConfigurable

from .loss import Loss, loss


@dataclass
class ChangedPath:
    """One file, or a folder with all in it, as far as it is new.

    Args:
        path: where it is.
        files: how many.
        size: of them, in bytes.
        newest: the latest change, in seconds since the epoch.
        whole: whether all of it was seen.
    """

    path: str
    files: int = 0
    size: int = 0
    newest: float = 0.0
    whole: bool = True

    @staticmethod
    def sum(path: str, things: Iterable[ChangedPath]) -> ChangedPath:
        """Several as one."""
        total = ChangedPath(path)
        for thing in things:
            total.files, total.size = total.files + thing.files, total.size + thing.size
            total.newest, total.whole = max(total.newest, thing.newest), total.whole and thing.whole
        return total


class ChangedPathWalk:
    """One walk. It follows no link, and stays on the disk that it began on: what is mounted there is not wiped.

    Args:
        since: a file is new when it has changed later, in seconds since the epoch: its content, its name or its place
            (st_ctime). An unpacked archive and a download set st_mtime back to what it was elsewhere.
        ignored: patterns of paths, relative to the folder that is walked through.
        barred: folders not to go into on the way through others, whatever name they are met under.
        entries: how many files and folders to look at.
        until: when to end, on the monotonic clock.

    Attributes:
        cut: whether it ended before it had seen everything.
    """

    def __init__(self, since: float, ignored: Iterable[str], barred: Iterable[Path], entries: int, until: float) -> None:
        self._since, self._left, self._until = since, entries, until
        self._ignored = re.compile("|".join(map(translate, ignored)) or "(?!)")
        self._barred = {(status.st_dev, status.st_ino) for folder in barred if (status := _status(folder.resolve()))}
        self.cut = False

    def through(self, root: Path) -> list[ChangedPath]:
        """What is new in a folder. In one of somebody else (``/tmp``) only what is ours counts."""
        status = _status(root.resolve())
        if status is None:
            return []
        owner = None if status.st_uid == os.getuid() else os.getuid()
        start = len(str(root).rstrip("/")) + 1
        found = []
        for entry in self._entries(root):
            thing = ChangedPath(entry.path)
            for file in self._new(thing, entry, start, status.st_dev):
                if owner in {None, file.st_uid}:
                    thing.files, thing.size = thing.files + 1, thing.size + file.st_size
                    thing.newest = max(thing.newest, file.st_ctime)
            if thing.files:
                found.append(thing)
        return found

    def _new(self, thing: ChangedPath, entry: os.DirEntry[str], start: int, device: int) -> Iterator[os.stat_result]:
        """The new files of one thing; ``start`` is where the relative part of their paths begins."""
        waiting = [entry]
        while waiting:
            if self._left <= 0 or time.monotonic() > self._until:
                self.cut, thing.whole = True, False
                return
            entry = waiting.pop()
            self._left -= 1
            status = None if self._ignored.match(entry.path, start) else _status(entry)
            if status is None or (status.st_dev, status.st_ino) in self._barred:
                continue
            if stat.S_ISDIR(status.st_mode) and status.st_dev == device:
                waiting += self._entries(entry)
            elif stat.S_ISREG(status.st_mode) and status.st_ctime > self._since:
                yield status

    def _entries(self, folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(islice(entries, self._left + 1))  # the last one is where the walk ends
        except OSError:  # gone, or not for us to see
            return []


def _status(path: Path | os.DirEntry[str]) -> os.stat_result | None:
    """Of the thing itself, be it a link."""
    try:
        return path.stat(follow_symlinks=False)
    except OSError:
        return None


def with_tilde(path: Path) -> str:
    """As a person writes it: ``~/data``."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


IGNORED = [
    # what a start lays out, and what packages tell of
    "SageMaker", "sample-notebooks", "anaconda3", "miniconda3", ".local/lib", ".local/bin", "lost+found",
    # what programs remember for themselves, and JupyterLab's layout, which we keep
    ".cache", ".conda", ".condarc", ".npm", ".yarn", ".ipython", ".jupyter", ".local/share/jupyter", ".local/state", ".nv",
    ".*_history", ".lesshst", ".viminfo", ".wget-hsts", ".Xauthority", ".pki", ".sparkmagic", ".docker", ".keras",
    ".matplotlib", ".config/matplotlib", ".config/pip", "__pycache__", "*/__pycache__",
    # of temporary folders
    "systemd-private-*", ".*-unix", "tmux-*", "ssh-*", "pip-*", "pymp-*", "npm-*", "hsperfdata_*", "v8-compile-cache*",
]  # fmt: skip


class ChangedFiles(LoggingConfigurable):
    """Looks through the folders where people leave things, a bounded way."""

    folders = List(
        Unicode(),
        help="Folders that a stop wipes and where people leave files. Default: the home folder and the temporary one.",
    ).tag(config=True)
    ignored = List(
        Unicode(), IGNORED, help="Patterns (`fnmatch`) of what is nothing of the user's, relative to its folder of `folders`."
    ).tag(config=True)
    max_entries = Int(100_000, help="After so many files and folders a look ends, and says so.").tag(config=True)
    max_seconds = Float(2.0, help="After so many seconds, too.").tag(config=True)
    shown = Int(10, help="How many things are told one by one, the biggest first; the rest is summed up.").tag(config=True)

    @default("folders")
    def _default_folders(self) -> list[str]:
        return ["~", tempfile.gettempdir()]

    def losses(self, since: datetime, volume: Path, kept: Iterable[str] = ()) -> list[Loss]:
        """Everything that is new, by top-level thing.

        Args:
            since: what has changed later is new.
            volume: what survives; it is not looked into.
            kept: further patterns of what is not lost.
        """
        roots = [Path(folder).expanduser() for folder in self.folders]
        walk = ChangedPathWalk(
            since.timestamp(), [*self.ignored, *kept], [volume, *roots], self.max_entries, time.monotonic() + self.max_seconds
        )
        things = [thing for root in dict.fromkeys(roots) for thing in walk.through(root)]
        things.sort(key=lambda thing: thing.size, reverse=True)
        shown, rest = things[: self.shown], ChangedPath.sum("other", things[self.shown :])
        rest.whole = rest.whole and not walk.cut
        return [_loss(thing) for thing in (*shown, rest) if thing.files or not thing.whole]


def _loss(thing: ChangedPath) -> Loss:
    name = "other" if thing.path == "other" else with_tilde(Path(thing.path))
    count = f"{thing.files}" if thing.whole else f"more than {thing.files}"
    return loss("files", name, name, count, since=thing.newest, size=thing.size)
