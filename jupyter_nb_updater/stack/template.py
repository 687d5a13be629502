"""The template of the stack and its parameters: read from ``cloud/return-path.yaml``, so there is no second list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..cloud import RETURN_PATH_TEMPLATE
from ..permissions.templates import TemplateLoader


@dataclass(frozen=True)
class Parameter:
    """One parameter, with what CloudFormation would check of its value (User Guide, "Parameters").

    Args:
        name: such as ``AlarmEmail``.
        description: the template's own.
        default: as text.
        is_number: whether only a number will do.
        pattern: that the whole value must match; empty for any.
        least: of a number.
        most: of a number.
    """

    name: str
    description: str
    default: str = ""
    is_number: bool = False
    pattern: str = ""
    least: float = float("-inf")
    most: float = float("inf")

    @property
    def option(self) -> str:
        """As an option of the command line: ``alarm-email``."""
        return "-".join(word.lower() for word in re.findall("[A-Z][a-z]*", self.name))

    def trouble(self, value: str) -> str:
        """What is wrong with a value; empty when nothing is."""
        if self.is_number and not (value.isdecimal() and self.least <= int(value) <= self.most):
            return f"--{self.option} must be a number from {self.least:g} to {self.most:g}"
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"--{self.option} must match {self.pattern}"
        return ""


def text() -> str:
    """The template, as CloudFormation takes it."""
    return RETURN_PATH_TEMPLATE.read_text("utf-8")


def parameters() -> list[Parameter]:
    """All of them, in the order of the template."""
    return [
        Parameter(
            name=name,
            description=content.get("Description", ""),
            default=str(content.get("Default", "")),
            is_number=content["Type"] == "Number",
            pattern=content.get("AllowedPattern", ""),
            least=content.get("MinValue", float("-inf")),
            most=content.get("MaxValue", float("inf")),
        )
        for name, content in _content()["Parameters"].items()
    ]


def resources() -> list[tuple[str, str]]:
    """The logical name and the type of everything that the stack has."""
    return [(name, content["Type"]) for name, content in _content()["Resources"].items()]


def given(values: Mapping[str, str], before: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters of a call: what was not asked for stays as it is, and has the template's default where it is new.

    Args:
        values: by name, as far as somebody asked for one.
        before: by name, what the stack has now.
    """
    kept = {one.name: before[one.name] for one in parameters() if one.name in before}
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in {**kept, **values}.items()]


def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(text(), TemplateLoader)  # noqa: S506  it is a SafeLoader, with two tags more
    return content
