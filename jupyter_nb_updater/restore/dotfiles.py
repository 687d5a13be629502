"""Small files outside the volume that a person may have kept: none by default, and never one that holds credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from traitlets import Enum, Int, List
from traitlets.config import LoggingConfigurable

from .file_io import MAGIC, NotCopyable
from .mirror import FileMirror, FileSet, MirrorLimits
from .model import NotRestored, Restored

AWS_DROPPED = re.compile(
    r"aws_access_key_id|aws_secret_access_key|aws_session_token|aws_security_token|credential_process"
    r"|.*(secret|password).*|.*token(?!.*_file)",
    re.IGNORECASE,
)
"""Settings of AWS's `config` file that are credentials, or make them (AWS CLI User Guide, "Configuration and credential file
settings"; boto3's guide, "Credentials"). `credential_process` is a command line: a secret may stand in it, and its program is
mostly outside the volume, and so gone. A `web_identity_token_file` is the path of a token, and stays."""

GIT_TOKENS = re.compile(rb"extraheader|smtppass|password|://[^/\s\"@]*:[^/\s\"@]+@", re.IGNORECASE)
"""What holds a token in a `.gitconfig`: a header for authorization, or an address with a password (git-config(1),
`http.extraHeader`, `url.<base>.insteadOf`)."""


def without_credentials(_: str, data: bytes) -> bytes:
    """AWS's ``config`` without the lines that are or make credentials, and what continues them; the rest byte for byte.

    Raises:
        Unfit: it is no text.
    """
    try:
        lines = data.decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise NotCopyable("broken") from error
    kept, dropped_at = [], None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if dropped_at is not None and line.strip() and indent > dropped_at:
            continue
        dropped_at = indent if AWS_DROPPED.fullmatch(re.split("[=:]", line, maxsplit=1)[0].strip()) else None
        if dropped_at is None:
            kept.append(line)
    return "".join(kept).encode()


def without_tokens(_: str, data: bytes) -> bytes:
    """A file of git's, if no token is in it: a line that is taken out of one would change what the others mean.

    Raises:
        Unfit: one may be.
    """
    if GIT_TOKENS.search(data):
        raise NotCopyable("secret")
    return data


class DotfileGroup(NamedTuple):
    """What one id stands for."""

    paths: tuple[str, ...]
    """In the home folder."""
    fit: Callable[[str, bytes], bytes]


def _whole(name: str, data: bytes) -> bytes:
    if name.endswith(".sqlite") and not data.startswith(MAGIC):
        raise NotCopyable("broken")
    return data


GIT, IPYTHON = ".config/git/", ".ipython/profile_default/"
DOTFILE_GROUPS = {
    "git": DotfileGroup((".gitconfig", f"{GIT}config", f"{GIT}ignore", f"{GIT}attributes"), without_tokens),
    "aws": DotfileGroup((".aws/config",), without_credentials),
    "history": DotfileGroup((".bash_history", ".zsh_history", ".python_history"), _whole),
    "ipython": DotfileGroup(
        (f"{IPYTHON}history.sqlite", f"{IPYTHON}ipython_config.py", f"{IPYTHON}startup/*.py", f"{IPYTHON}startup/*.ipy"),
        _whole,
    ),
}
"""Never offered: ``~/.git-credentials``, ``~/.aws/credentials``, tokens and keys of any kind."""


class Dotfiles(LoggingConfigurable):
    """Copies them to the volume, and back."""

    offered = List(
        Enum(list(DOTFILE_GROUPS)),
        list(DOTFILE_GROUPS),
        help="Which files outside the volume a person may have kept: none is unless asked for.",
    ).tag(config=True)
    max_bytes = Int(16 << 20, help="A larger file than this, in bytes, is not kept.").tag(config=True)
    max_files = Int(50, help="How many files are kept at most, for each id.").tag(config=True)
    max_total_bytes = Int(24 << 20, help="How many bytes are kept at most, for each id.").tag(config=True)

    def __init__(self, store: Path, **kwargs: Any) -> None:
        """Args: where on the volume to keep the files."""
        super().__init__(**kwargs)
        self._store = store
        self._shelf = FileMirror(store, lambda: MirrorLimits(self.max_bytes, self.max_files, self.max_total_bytes))

    def keep(self, chosen: Collection[str], withheld: Iterable[NotRestored] = ()) -> list[NotRestored]:
        """Bring the copies up to date; those of what is no longer offered are taken away.

        Returns:
            What is not kept, or not whole, and why.
        """
        self.forget(set(DOTFILE_GROUPS) - {*self.offered})
        left = []
        for drawer in self._drawers(name for name in chosen if name in self.offered):
            with suppress(OSError):  # only the user may look into it; what cannot be made is told file by file
                self._store.mkdir(mode=0o700, parents=True, exist_ok=True)
            stay = {gone.detail.removeprefix("~/") for gone in withheld if gone.name == drawer.name}
            left += [_at_home(missing) for missing in self._shelf.keep(drawer, stay)]
        return left

    def forget(self, names: Iterable[str]) -> None:
        """Take the copies of what somebody has switched off from the volume."""
        for name in names:
            try:
                self._shelf.forget(name)
            except OSError as error:
                self.log.warning("The copies of %s could not be taken from the volume: %s", name, error)

    def lay_back(self, chosen: Iterable[str]) -> tuple[list[Restored], list[NotRestored]]:
        """Put what was kept into the home folder, never over a file that is there."""
        back, missing = [], []
        for drawer in self._drawers(name for name in chosen if name in self.offered):
            contents, left = self._shelf.lay_back(drawer)
            missing += [_at_home(gone) for gone in left]
            if contents:
                back.append(Restored(drawer.kind, drawer.name, ", ".join(f"~/{name}" for name in contents), len(contents)))
        return back, missing

    def paths(self, chosen: Iterable[str]) -> list[str]:
        """What comes back, relative to the home folder."""
        return [path for drawer in self._drawers(name for name in chosen if name in self.offered) for path in drawer.patterns]

    def to_json(self) -> list[dict[str, Any]]:
        """What may be chosen."""
        return [
            {"id": drawer.name, "paths": [f"~/{path}" for path in drawer.patterns], "there": _is_there(drawer)}
            for drawer in self._drawers(self.offered)
        ]

    def _drawers(self, names: Iterable[str]) -> list[FileSet]:
        home = Path.home()
        return [FileSet("files", name, home, *DOTFILE_GROUPS[name]) for name in dict.fromkeys(names) if name in DOTFILE_GROUPS]


def _at_home(missing: NotRestored) -> NotRestored:
    return replace(missing, detail=f"~/{missing.detail}") if missing.detail else missing


def _is_there(drawer: FileSet) -> bool:
    return any(next(drawer.root.glob(pattern), None) is not None for pattern in drawer.patterns)
