"""The options of an OnStart script, checked, and those that an earlier block in a script was made with."""

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
"""The command of a block that sets its settings."""


class RenderError(ValueError):
    """The options make no script; the message says why, for the person who gave them."""


@dataclass(frozen=True)
class Script:
    """The options of an OnStart script, checked when they are made.

    Args:
        wheel: ``s3://bucket/key``, ``https://…`` or an absolute path on the instance, such as one on its volume. The name of
            the file must be that of a wheel of this package, since pip reads it. Or ``jupyter-nb-updater==VERSION``, from
            the package index that the instance is configured for.
        sha256: SHA-256 of the wheel in hexadecimal; empty for no check.
        home: home folder of the instance, with ``anaconda3`` and ``SageMaker``.
        configuration: settings of the extension, class to trait to value.
        index_url: address of another package index.
        wait_seconds: seconds that a script waits for its work, to have it in its log.
        environment_seconds: seconds that the work waits for the environment that runs Jupyter.
        step_seconds: seconds that fetching and installing may take, each.
        answer_seconds: seconds that Jupyter may take to answer before the wheel is taken out again.

    Raises:
        RenderError: a wheel, hash, folder or configuration that cannot be meant.
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
            raise RenderError("--sha256 must be 64 hexadecimal digits")
        if not self.home.startswith("/") or not self.home.isprintable():
            raise RenderError(f"the home folder must be an absolute path, not {self.home!r}")
        if self.index_url and not self.from_index:
            raise RenderError(f"--index-url is for {NAME}==VERSION, not for a wheel that has its own place")
        if self.index_url and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.index_url):
            raise RenderError("--index-url must be the address of a package index, https://…")
        for name, traits in self.configuration.items():
            for trait in traits:
                if not TRAIT.fullmatch(f"{name}.{trait}"):
                    raise RenderError(f"{name}.{trait} is not the name of a setting, Class.trait")

    @property
    def from_index(self) -> bool:
        """Whether pip finds the wheel in a package index."""
        return self.wheel.startswith(f"{NAME}==")

    def settings(self) -> dict[str, str]:
        """Return the settings as ``on_start.sh`` takes them, without those that are its defaults."""
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
    """Parse ``--set Class.trait=value`` and ``--policy URL`` to a configuration.

    Args:
        settings: each with a value in JSON; what is no JSON is text.
        policy: URL of the organization's document.

    Raises:
        RenderError: what is no setting, or begins like JSON and is none.
    """
    result: dict[str, dict[str, Any]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not TRAIT.fullmatch(name):
            raise RenderError(f"--set takes Class.trait=value, not {setting!r}")
        owner, _, trait = name.partition(".")
        result.setdefault(owner, {})[trait] = _value(text, setting)
    if policy:
        result.setdefault("PolicyManager", {})["url"] = policy
    return result


def settings(script: bytes) -> dict[str, str]:
    """Read the settings of the block in an OnStart script.

    Args:
        script: it may have none, or one that somebody has damaged.

    Returns:
        Name to value, as ``Script.settings`` gives them; empty when there are none to read.
    """
    begin = BEGIN.search(script)
    found = SET_COMMAND.search(END.split(script[begin.end() :], 1)[0]) if begin else None
    try:
        arguments = shlex.split(found["arguments"].decode()) if found else []
    except ValueError:
        return {}
    return {name: value for name, equals, value in (word.partition("=") for word in arguments) if equals}


def with_kept_settings(script: Script, before: bytes) -> Script:
    """Return the script with the settings of the block before it, where the script itself has none.

    Args:
        script: as it was asked for; its wheel and hash are the new ones in any case.
        before: the OnStart script that it goes into.
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
            raise RenderError(f"the value in --set {setting} is not JSON: {error}") from error
        return text


def _check_wheel(wheel: str) -> None:
    if wheel.startswith(NAME):
        if not VERSION.fullmatch(wheel):
            raise RenderError(f"{wheel!r} names no version: {NAME}==1.2.3")
        return
    if not wheel.isprintable() or " " in wheel:
        raise RenderError("--wheel must not contain spaces or control characters")
    try:
        parts = urlsplit(wheel)
    except ValueError as error:
        raise RenderError(f"{wheel!r} is not an address: {error}") from error
    if parts.scheme == "s3" and not BUCKET.fullmatch(parts.netloc):
        raise RenderError(f"{parts.netloc!r} is not the name of an S3 bucket")
    if parts.scheme == "https" and not parts.hostname:
        raise RenderError(f"{wheel!r} names no host")
    if parts.scheme not in ("s3", "https") and not wheel.startswith("/"):
        raise RenderError(f"--wheel must be s3://bucket/key, https://…, an absolute path on the instance, or {NAME}==VERSION")
    name = parts.path.rpartition("/")[2]
    if not WHEEL.fullmatch(name):
        raise RenderError(f"{name!r} is not the file name of a jupyter-nb-updater wheel; pip needs the name it was built with")


def _merge_traits(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: {**old.get(name, {}), **new.get(name, {})} for name in {**old, **new}}


def _parse_configuration(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {name: traits for name, traits in found.items() if isinstance(traits, dict)} if isinstance(found, dict) else {}
