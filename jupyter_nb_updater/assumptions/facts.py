"""Collect how this instance is really set up: the server, its process, its environment and the machine. Changes nothing."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from ..instance.context import InstanceContext
from ..instance.metadata import InstanceMetadata
from ..instance.origin import TrustedOrigins
from ..instance.software import Software
from ..packages.environments import Environment, Environments
from ..packages.metadata import installed_entries
from ..packages.package import name_in, version_in
from ..util.text import shorten

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

Facts = dict[str, Any]
"""JSON, by section: ``process``, ``server``, ``versions``, …"""

MAX_TEXT_CHARS = 300
MAX_ITEMS = 64
MAX_FILE_BYTES = 1 << 16
RESOLVE_SECONDS = 0.8
"""Time limit for resolving the machine's name, in seconds."""

PACKAGES = (
    *("jupyter_server", "jupyterlab", "notebook", "tornado", "traitlets", "boto3", "botocore", "requests", "psutil"),
    *("PyYAML", "jsonschema", "ipykernel", "jupyter_server_proxy", "jupyter_collaboration", "sagemaker_nbi_agent"),
)
"""Packages of Jupyter's environment. Their versions are read from the metadata, and nothing is imported."""

SECRET_NAME = re.compile(r"token|passw|secret|credential|cookie|bearer|signature|(?:api|access|private)_?key", re.IGNORECASE)
"""Names of arguments whose value is masked. Those of classes, such as ``login_handler_class``, contain none of these."""
OPAQUE = re.compile(r"[A-Za-z0-9+_]{32,}={0,2}")
"""A value that may be a key: long, and without the dots and slashes of a path."""
MASK = "***"
UNIT = re.compile(r"[^/]+\.(?:service|scope)")
PARENT = re.compile(r"^PPid:\s+(\d+)$", re.MULTILINE)


def masked(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a process without secrets. An empty value stays, because an empty token means something.

    Args:
        arguments: such as ``--ServerApp.token=abc``, or ``--token`` and ``abc``.
    """
    shown: list[str] = []
    is_secret_next = False
    for argument in arguments[:MAX_ITEMS]:
        name, equals, value = argument.partition("=")
        is_option = argument.startswith("-")
        if is_secret_next and not is_option:
            shown.append(MASK)
        elif is_option and equals and value and SECRET_NAME.search(name):
            shown.append(f"{name}={MASK}")
        else:
            shown.append(OPAQUE.sub(MASK, _without_credentials(argument)))
        is_secret_next = is_option and not equals and bool(SECRET_NAME.search(name))
    return shown


def _without_credentials(text: str) -> str:
    """Remove the user information and the query of each URL in a text."""
    text = re.sub(r"(\w+://)[^/\s@]*@", rf"\1{MASK}@", text)
    return re.sub(r"(\w+://[^\s?]*)\?\S*", rf"\1?{MASK}", text)


def unit_in(cgroup: str) -> str | None:
    """Return the systemd unit in ``/proc/<pid>/cgroup`` (cgroups(7)); ``None`` if it names none.

    Args:
        cgroup: a line for each hierarchy: ``0::/system.slice/jupyter-server.service``, or with ``name=systemd`` in version 1.
    """
    for line in cgroup.splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers in {"", "name=systemd"} and (units := UNIT.findall(path)):
            return str(units[-1])
    return None


def unit_of(process: str, read: Callable[[str], str]) -> str | None:
    """Return the systemd service of a process or of its first parent that is in one, else the process's own unit.

    A parent counts, because AWS's start script uses ``su -l``, which may give Jupyter a session of its own (pam_systemd(8)).

    Args:
        process: its id.
        read: returns the text of a file, by its path from the root folder; empty if it cannot be read.
    """
    units = []
    while process not in {"0", ""}:
        units.append(unit_in(read(f"proc/{process}/cgroup")))
        parent = PARENT.search(read(f"proc/{process}/status"))
        process = parent[1] if parent else ""
    return next((unit for unit in units if unit and unit.endswith(".service")), units[0])


def bounded(value: Any, depth: int = 5) -> Any:
    """Return JSON of limited size: short strings, and not too many items.

    Args:
        value: JSON, also from untrusted sources.
        depth: maximum depth.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping) and depth:
        items = list(value.items())[:MAX_ITEMS]
        return {shorten(str(key), MAX_TEXT_CHARS): bounded(item, depth - 1) for key, item in items}
    if isinstance(value, (list, tuple)) and depth:
        return [bounded(item, depth - 1) for item in value[:MAX_ITEMS]]
    return shorten(str(value), MAX_TEXT_CHARS)


class FactCollector(LoggingConfigurable):
    """Read the facts of this instance, a section at a time. A section that fails does not affect the others."""

    root_path = Unicode(
        "/", help="Folder with the files of the operating system: proc, run/systemd/system, run/crond.pid."
    ).tag(config=True)

    def __init__(self, server: ServerApp, context: InstanceContext, **kwargs: Any) -> None:
        """Prepare. Nothing is read yet.

        Args:
            server: the running server.
            context: the instance.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._server, self._context = server, context

    def collect(self, facts: Facts, seconds: float) -> None:
        """Read everything. It may block, so call it in a thread.

        Args:
            facts: receives each section when it is complete.
            seconds: time limit. A section that would begin later is left out.
        """
        until = time.monotonic() + seconds
        sections: dict[str, Callable[[], Any]] = {
            "boot": self._boot,
            "process": self._process,
            "server": self._of_server,
            "machine": self._machine,
            "image": self._image,
            "notebook_config": self._notebook_config,
            "versions": self._versions,
            "address": self._address,
            "kernels": self._kernels,
        }
        for name, read in sections.items():
            if time.monotonic() >= until:
                return
            try:
                facts[name] = bounded(read())
            except Exception as error:  # noqa: BLE001  what cannot be read is unknown
                self.log.debug("Could not read the facts of the %s: %s", name, error)

    def _boot(self) -> Facts:
        clock = self._context.boot_clock
        return {"id": clock.read_id(), "is_plausible": clock.read(self._context.system_clock.now()) is not None}

    def _process(self) -> Facts:
        return {
            "unit": unit_of(str(os.getpid()), self._text),
            "user": getpass.getuser(),
            "prefix": sys.prefix,
            "python": platform.python_version(),
            "arguments": masked(sys.orig_argv),
        }

    def _of_server(self) -> Facts:
        server = self._server
        identity = getattr(server, "identity_provider", None)
        return {
            "ip": server.ip,
            "port": server.port,
            "socket": bool(server.sock),
            "tls": bool(server.certfile),
            "base_url": server.base_url,
            "root_dir": server.root_dir,
            "login_handler": _class_name(getattr(identity, "login_handler_class", server.login_handler_class)),
            "identity_provider": _class_name(identity),
            "authorizer": _class_name(getattr(server, "authorizer", None)),
            "kernel_manager": _class_name(server.kernel_manager),
            "has_token": bool(getattr(identity, "token", "")),
            "has_password": bool(getattr(identity, "hashed_password", "")),
            "allow_origin": server.allow_origin,
            "allow_origin_pat": server.allow_origin_pat,
            "allow_credentials": bool(server.allow_credentials),
            "allow_remote_access": bool(server.allow_remote_access),
            "disable_check_xsrf": bool(server.disable_check_xsrf),
            "configuration_folders": list(server.config_file_paths),
            "configuration_files": list(server.loaded_config_files),
        }

    def _address(self) -> Facts:
        """Read the URL in the server's own file, and try to resolve its host. The token in that file is left out."""
        try:
            url = urlsplit(json.loads(Path(self._server.info_file).read_text("utf-8"))["url"])
        except FileNotFoundError:
            return {"file_exists": False}
        return {
            "file_exists": True,
            "scheme": url.scheme,
            "host": url.hostname,
            "resolves": _resolves(url.hostname or ""),
        }

    def _machine(self) -> Facts:
        root = Path(self.root_path)
        return {"systemd": (root / "run/systemd/system").is_dir(), "cron": (root / "run/crond.pid").exists()}

    def _image(self) -> Facts:
        """Read the ids of the image. Of the metadata, only the documented keys have values that are no secret."""
        content = json.loads(Path(InstanceMetadata(parent=self).path).read_text("utf-8"))
        ids = [line for line in self._text("etc/image-id").splitlines() if line]
        return {
            "release": _first_line(Path(Software(parent=self).release_path)),
            "metadata_keys": sorted(content),
            "arn": content["ResourceArn"],
            "name": content["ResourceName"],
            "image_id": ids[:16],
        }

    def _notebook_config(self) -> Facts:
        try:
            content = json.loads(Path(TrustedOrigins(parent=self).config_path).read_text("utf-8"))
        except FileNotFoundError:
            return {"exists": False}
        return {"exists": True, "keys": sorted(content)} | {key: content.get(key) for key in ("notebook_uri", "csrf_check")}

    @staticmethod
    def _versions() -> Facts:
        return {name: _version(name) for name in PACKAGES}

    def _kernels(self) -> list[Facts]:
        """Read the version of ipykernel in each environment with a kernel, from its metadata. No Python is run."""
        volume = Path(self._context.journal.directory).parent
        found = Environments(self._server.kernel_spec_manager, volume, parent=self).list()
        kernels = ((environment, _ipykernel(environment)) for environment in found)
        return [
            {"environment": environment.name, "path": str(environment.path), "ipykernel": version}
            for environment, version in kernels
            if version or environment.path.parent.name == "envs"
        ]

    def _text(self, path: str) -> str:
        try:
            with Path(self.root_path, path).open("rb") as file:
                return file.read(MAX_FILE_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").partition("\n")[0]
    except OSError:
        return ""


def _class_name(value: Any) -> str | None:
    if value is None:
        return None
    found = value if isinstance(value, type) else type(value)
    return f"{found.__module__}.{found.__qualname__}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _ipykernel(environment: Environment) -> str | None:
    entries = installed_entries(environment.path)
    return next((version_in(entry) for entry in entries if name_in(entry) == "ipykernel"), None)


def _resolves(host: str) -> bool | None:
    """Resolve a name; ``None`` if the answer takes too long. A thread that hangs does not keep Jupyter from ending."""
    answers: list[bool] = []

    def resolve() -> None:
        try:
            socket.getaddrinfo(host, None)
        except (OSError, UnicodeError):
            answers.append(False)
        else:
            answers.append(True)

    thread = threading.Thread(target=resolve, name="nb-updater-resolve", daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    return answers[0] if answers else None
