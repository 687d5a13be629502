"""Dotfiles: small files of the home folder that a user can choose to keep; never files with credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from traitlets import Enum, Int, List
from traitlets.config import LoggingConfigurable

from .file_io import SQLITE_MAGIC, NotCopyable
from .mirror import FileMirror, FileSet
from .model import NotRestored, Restored

AWS_CREDENTIAL_SETTING = re.compile(
    r"aws_access_key_id|aws_secret_access_key|aws_session_token|aws_security_token|credential_process"
    r"|.*(secret|password).*|.*token(?!.*_file)",
    re.IGNORECASE,
)
"""Settings of AWS's `config` file that contain or produce credentials (AWS CLI User Guide, "Configuration and credential file
settings"; boto3's guide, "Credentials"). `credential_process` is a command line, which may contain a secret, and its program is
usually outside the volume, and so lost. A `web_identity_token_file` is only the path of a token, and is kept."""

GIT_CREDENTIAL = re.compile(rb"extraheader|smtppass|password|://[^/\s\"@]*:[^/\s\"@]+@", re.IGNORECASE)
"""Text in a `.gitconfig` that may contain a token: an authorization header, or a URL with a password (git-config(1),
`http.extraHeader`, `url.<base>.insteadOf`)."""


def without_aws_credentials(_: str, data: bytes) -> bytes:
    """Return AWS's ``config`` without settings that contain or produce credentials; all other lines are unchanged.

    Raises:
        NotCopyable: the content is not text.
    """
    try:
        lines = data.decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        raise NotCopyable("broken") from error
    kept_lines, dropped_at = [], None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if dropped_at is not None and line.strip() and indent > dropped_at:
            continue
        dropped_at = indent if AWS_CREDENTIAL_SETTING.fullmatch(re.split("[=:]", line, maxsplit=1)[0].strip()) else None
        if dropped_at is None:
            kept_lines.append(line)
    return "".join(kept_lines).encode()


def reject_git_credentials(_: str, data: bytes) -> bytes:
    """Return a git file if it contains no token. Removing a single line could change the meaning of the others.

    Raises:
        NotCopyable: the file may contain a token.
    """
    if GIT_CREDENTIAL.search(data):
        raise NotCopyable("secret")
    return data


class DotfileGroup(NamedTuple):
    """Files that a user can choose by one id."""

    paths: tuple[str, ...]
    """Globs relative to the home folder."""
    check: Callable[[str, bytes], bytes]
    """Check as in :class:`FileSet`."""


def require_database(name: str, data: bytes) -> bytes:
    """Return the content; a file with the name of an SQLite database must be one.

    Raises:
        NotCopyable: it is not a database.
    """
    if name.endswith(".sqlite") and not data.startswith(SQLITE_MAGIC):
        raise NotCopyable("broken")
    return data


GIT, IPYTHON = ".config/git/", ".ipython/profile_default/"
DOTFILE_GROUPS = {
    "git": DotfileGroup((".gitconfig", f"{GIT}config", f"{GIT}ignore", f"{GIT}attributes"), reject_git_credentials),
    "aws": DotfileGroup((".aws/config",), without_aws_credentials),
    "history": DotfileGroup((".bash_history", ".zsh_history", ".python_history"), require_database),
    "ipython": DotfileGroup(
        (f"{IPYTHON}history.sqlite", f"{IPYTHON}ipython_config.py", f"{IPYTHON}startup/*.py", f"{IPYTHON}startup/*.ipy"),
        require_database,
    ),
}
"""Groups of files. Never included: ``~/.git-credentials``, ``~/.aws/credentials``, tokens and keys of any kind."""


class Dotfiles(LoggingConfigurable):
    """Save dotfiles to the volume and restore them."""

    available = List(
        Enum(list(DOTFILE_GROUPS)),
        list(DOTFILE_GROUPS),
        help="Groups of dotfiles that a user can choose to keep. Nothing is kept by default.",
    ).tag(config=True)
    max_bytes = Int(16 << 20, help="Maximum size of one file, in bytes. Larger files are not kept.").tag(config=True)
    max_files = Int(50, help="Maximum number of files per group.").tag(config=True)
    max_total_bytes = Int(24 << 20, help="Maximum total size per group, in bytes.").tag(config=True)

    def __init__(self, store: Path, **kwargs: Any) -> None:
        """Create the manager of dotfiles.

        Args:
            store: folder on the volume for the copies.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._store = store
        self._mirror = FileMirror(store, self)

    def save(self, enabled: Collection[str], retained: Iterable[NotRestored] = ()) -> list[NotRestored]:
        """Update the copies, and delete those of groups that are no longer available.

        Args:
            enabled: ids of the groups to save.
            retained: entries whose copies could not be restored, and are kept.

        Returns:
            What was not saved, or not completely, and why.
        """
        self.delete(set(DOTFILE_GROUPS) - {*self.available})
        not_saved: list[NotRestored] = []
        for files in self._file_sets(enabled):
            with suppress(OSError):  # private to the user; a failure is reported file by file
                self._store.mkdir(mode=0o700, parents=True, exist_ok=True)
            retained_paths = {entry.detail.removeprefix("~/") for entry in retained if entry.name == files.name}
            not_saved += [_with_home(entry) for entry in self._mirror.save(files, retained_paths)]
        return not_saved

    def delete(self, names: Iterable[str]) -> None:
        """Delete the copies of groups from the volume.

        Args:
            names: ids of the groups.
        """
        for name in names:
            try:
                self._mirror.delete(name)
            except OSError as error:
                self.log.warning("Could not delete the copies of %s from the volume: %s", name, error)

    def restore(self, enabled: Iterable[str]) -> tuple[list[Restored], list[NotRestored]]:
        """Write saved files to the home folder, never over an existing file.

        Args:
            enabled: ids of the groups to restore.

        Returns:
            What was restored; and what was not, and why.
        """
        restored: list[Restored] = []
        failed: list[NotRestored] = []
        for files in self._file_sets(enabled):
            contents, problems = self._mirror.restore(files)
            failed += [_with_home(entry) for entry in problems]
            if contents:
                restored.append(Restored(files.kind, files.name, ", ".join(f"~/{name}" for name in contents), len(contents)))
        return restored, failed

    def paths(self, enabled: Iterable[str]) -> list[str]:
        """Return the globs of files that a restart does not delete, relative to the home folder.

        Args:
            enabled: ids of the groups that are saved.
        """
        return [path for files in self._file_sets(enabled) for path in files.patterns]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the available groups in the format of the state document."""
        return [
            {"id": files.name, "paths": [f"~/{path}" for path in files.patterns], "exists": _exists(files)}
            for files in self._file_sets(self.available)
        ]

    def _file_sets(self, names: Iterable[str]) -> list[FileSet]:
        home, known = Path.home(), set(self.available) & DOTFILE_GROUPS.keys()
        return [FileSet("files", name, home, *DOTFILE_GROUPS[name]) for name in dict.fromkeys(names) if name in known]


def _with_home(entry: NotRestored) -> NotRestored:
    return replace(entry, detail=f"~/{entry.detail}") if entry.detail else entry


def _exists(files: FileSet) -> bool:
    return any(next(files.root.glob(pattern), None) is not None for pattern in files.patterns)
