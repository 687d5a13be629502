"""What an OnStart script of ours is asked to do, and whether that can be meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

NAME = "jupyter-nb-updater"
WHEEL = re.compile(r"jupyter_nb_updater-[\w.+!]+(-\w+)?-[\w.]+-[\w.]+-[\w.]+\.whl")
VERSION = re.compile(rf"{NAME}==[\w.+!-]+")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SHA256 = re.compile(r"[0-9a-f]{64}")
TRAIT = re.compile(r"[A-Z]\w*\.[a-z_]\w*")


class RenderError(ValueError):
    """Something in the request makes no script; the message is for the person who asked."""


@dataclass(frozen=True)
class Script:
    """A request that makes sense: it is checked where it is made.

    Args:
        wheel: ``s3://bucket/key``, ``https://…`` or an absolute path on the instance, such as one on its volume. The name of
            the file must be that of a wheel of this package, since pip reads it. Or ``jupyter-nb-updater==VERSION``, from
            the package index that the instance is configured for.
        sha256: of the wheel, in hexadecimal; empty for no check.
        home: where the instance keeps ``anaconda3`` and ``SageMaker``.
        configuration: of the extension, class to trait to value.
        index_url: of another package index.
        wait_seconds: how long a script of our own waits for the work, to tell of it in its log.
        environment_seconds: how long the work waits for the environment that runs Jupyter.
        step_seconds: what fetching and installing may take, each.
        answer_seconds: how long Jupyter may take to answer before the wheel is taken out again.

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
        """Whether pip finds the wheel."""
        return self.wheel.startswith(f"{NAME}==")

    def settings(self) -> dict[str, str]:
        """As ``on_start.sh`` takes them; what is its own default stays out."""
        default = {"environment_seconds": 240, "step_seconds": 90, "answer_seconds": 240}
        values = {
            "wheel": self.wheel,
            "sha256": self.sha256,
            "home": self.home,
            "configuration": json.dumps(self.configuration, separators=(",", ":")) if self.configuration else "",
            "index": self.index_url,
        }
        seconds = {name: str(getattr(self, name)) for name, usual in default.items() if getattr(self, name) != usual}
        return {name: value for name, value in (values | seconds).items() if value}


def configuration(settings: Iterable[str], policy: str = "") -> dict[str, dict[str, Any]]:
    """What ``--set Class.trait=value`` and ``--policy URL`` come to.

    Args:
        settings: each with a value in JSON; what is no JSON is text.
        policy: where the organization's document lies.

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
