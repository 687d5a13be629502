"""Options of an OnStart script: their checks, and reading those of an existing block."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

from .merge import BEGIN, END

NAME = "jupyter-nb-updater"
WHEEL = re.compile(r"jupyter_nb_updater-[\w.+!]+(-\w+)?-[\w.]+-[\w.]+-[\w.]+\.whl")
VERSION = re.compile(rf"{NAME}==[\w.+!-]+")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SHA256 = re.compile(r"[0-9a-f]{64}")
TRAIT = re.compile(r"[A-Z]\w*\.[a-z_]\w*")
SET_COMMAND = re.compile(rb"^[ \t(]*set -- (?P<arguments>[^\n]+)$", re.MULTILINE)
"""The command in a block that has its settings."""


class RenderError(ValueError):
    """An option is wrong. The message says which, for the person who gave it."""


@dataclass(frozen=True)
class Script:
    """The options of an OnStart script, checked by the constructor.

    Args:
        wheel: ``s3://bucket/key``, ``https://…`` or an absolute path on the instance. The file name must be that of a wheel of
            this package, because pip reads it. Or ``jupyter-nb-updater==VERSION``, from a package index.
        sha256: SHA-256 of the wheel in hexadecimal; empty for no check.
        home: home folder of the instance, with ``anaconda3`` and ``SageMaker``.
        configuration: settings of the extension, class to trait to value.
        index_url: address of a package index; empty for that of pip.
        wait_seconds: seconds that the script waits for the installation, to log its output.
        environment_seconds: seconds to wait for the environment that runs Jupyter.
        step_seconds: time limit of the download and of pip, each, in seconds.
        answer_seconds: seconds to wait for Jupyter before the wheel is uninstalled again.

    Raises:
        RenderError: a wheel, hash, folder or setting is wrong.
    """

    wheel: str
    sha256: str = ""
    home: str = "/home/ec2-user"
    configuration: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    index_url: str = ""
    wait_seconds: int = 2
    environment_seconds: int = 240
    step_seconds: int = 90
    answer_seconds: int = 240

    def __post_init__(self) -> None:
        _check_wheel(self.wheel)
        object.__setattr__(self, "sha256", self.sha256.lower())
        object.__setattr__(self, "home", self.home.rstrip("/"))
        if self.sha256 and not SHA256.fullmatch(self.sha256):
            raise RenderError("--sha256: give 64 hexadecimal digits")
        if not self.home.startswith("/") or not self.home.isprintable():
            raise RenderError(f"--home: give an absolute path, not {self.home!r}")
        if self.index_url and not self.from_index:
            raise RenderError(f"--index-url: only for --wheel {NAME}==VERSION")
        if self.index_url and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.index_url):
            raise RenderError("--index-url: give the address of a package index, https://…")
        for name, traits in self.configuration.items():
            for trait in traits:
                if not TRAIT.fullmatch(f"{name}.{trait}"):
                    raise RenderError(f"--set: {name}.{trait} is not a setting; give Class.trait=value")

    @property
    def from_index(self) -> bool:
        """Whether pip fetches the wheel from a package index."""
        return self.wheel.startswith(f"{NAME}==")

    def settings(self) -> dict[str, str]:
        """Return the settings for ``on_start.sh``, without those that have their default values."""
        default = {"environment_seconds": 240, "step_seconds": 90, "answer_seconds": 240}
        values = {
            "wheel": self.wheel,
            "sha256": self.sha256,
            "home": self.home,
            "configuration": json.dumps(self.configuration, separators=(",", ":")) if self.configuration else "",
            "index": self.index_url,
        }
        seconds = {name: str(getattr(self, name)) for name, value in default.items() if getattr(self, name) != value}
        return {name: value for name, value in (values | seconds).items() if value}


def configuration(settings: Iterable[str], policy: str = "") -> dict[str, dict[str, Any]]:
    """Return the configuration for ``--set Class.trait=value`` and ``--policy URL``.

    Args:
        settings: values of ``--set``; a value that is not JSON is text.
        policy: URL of the organization policy; empty for none.

    Raises:
        RenderError: a setting is wrong, or looks like JSON but is not.
    """
    result: dict[str, dict[str, Any]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not TRAIT.fullmatch(name):
            raise RenderError(f"--set: give Class.trait=value, not {setting!r}")
        owner, _, trait = name.partition(".")
        result.setdefault(owner, {})[trait] = _value(text, setting)
    if policy:
        result.setdefault("PolicyManager", {})["url"] = policy
    return result


def settings(script: bytes) -> dict[str, str]:
    """Return the settings of the block in an OnStart script.

    Args:
        script: the script; its block may be missing or damaged.

    Returns:
        Name to value, as in ``Script.settings``; empty when there are none.
    """
    begin = BEGIN.search(script)
    found = SET_COMMAND.search(END.split(script[begin.end() :], 1)[0]) if begin else None
    try:
        arguments = shlex.split(found["arguments"].decode()) if found else []
    except ValueError:
        return {}
    return {name: value for name, equals, value in (word.partition("=") for word in arguments) if equals}


def with_kept_settings(script: Script, before: bytes) -> Script:
    """Return a script that keeps the settings of an earlier block, unless new ones are given.

    Args:
        script: the new options; wheel and hash are never kept from the earlier block.
        before: the OnStart script with the earlier block.
    """
    old = settings(before)
    wait = old.get("wait", "")
    named: dict[str, Any] = {
        "home": old.get("home"),
        "index_url": old.get("index") if script.from_index else None,
        "wait_seconds": int(wait) if wait.isdigit() else None,
    }
    defaults = {one.name: one.default for one in fields(Script)}
    stays = {name: value for name, value in named.items() if value is not None and getattr(script, name) == defaults[name]}
    return replace(
        script, configuration=_merge_traits(_parse_configuration(old.get("configuration", "")), script.configuration), **stays
    )


def _value(text: str, setting: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if text.lstrip().startswith(("{", "[", '"')):
            raise RenderError(f"--set {setting}: the value is not JSON: {error}") from error
        return text


def _check_wheel(wheel: str) -> None:
    if wheel.startswith(NAME):
        if not VERSION.fullmatch(wheel):
            raise RenderError(f"--wheel: {wheel!r} has no version; give {NAME}==1.2.3")
        return
    if not wheel.isprintable() or " " in wheel:
        raise RenderError("--wheel: spaces and control characters are not allowed")
    try:
        parts = urlsplit(wheel)
    except ValueError as error:
        raise RenderError(f"--wheel: {wheel!r} is not an address: {error}") from error
    if parts.scheme == "s3" and not BUCKET.fullmatch(parts.netloc):
        raise RenderError(f"--wheel: {parts.netloc!r} is not the name of an S3 bucket")
    if parts.scheme == "https" and not parts.hostname:
        raise RenderError(f"--wheel: {wheel!r} has no host")
    if parts.scheme not in ("s3", "https") and not wheel.startswith("/"):
        raise RenderError(f"--wheel: give s3://bucket/key, https://…, an absolute path on the instance, or {NAME}==VERSION")
    name = parts.path.rpartition("/")[2]
    if not WHEEL.fullmatch(name):
        raise RenderError(f"--wheel: {name!r} is not the name of a jupyter-nb-updater wheel; pip needs the original name")


def _merge_traits(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: {**old.get(name, {}), **new.get(name, {})} for name in {**old, **new}}


def _parse_configuration(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {name: traits for name, traits in found.items() if isinstance(traits, dict)} if isinstance(found, dict) else {}
