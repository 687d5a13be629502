"""Files outside the volume that the user has made since the boot. Only names, sizes and dates are read, never a content."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from traitlets import Float, Int, List, Unicode, default
from traitlets.config import LoggingConfigurable

from .loss import Loss, loss
from .walk import ChangedPath, ChangedPathWalk, with_tilde

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
