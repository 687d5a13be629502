"""Parameters and resources of the CloudFormation template of the stack, ``cloud/return-path.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..cloud import RETURN_PATH_TEMPLATE
from ..permissions.templates import TemplateLoader


@dataclass(frozen=True)
class TemplateParameter:
    """A parameter of the template, with the constraints that CloudFormation checks (User Guide, "Parameters").

    Args:
        name: such as ``AlarmEmail``.
        description: text of the template.
        default: default value, as text.
        is_number: whether the value must be a number.
        pattern: regular expression that the whole value must match; empty for any value.
        minimum: smallest number.
        maximum: largest number.
    """

    name: str
    description: str
    default: str = ""
    is_number: bool = False
    pattern: str = ""
    minimum: float = float("-inf")
    maximum: float = float("inf")

    @property
    def option(self) -> str:
        """Name of the option on the command line: ``alarm-email``."""
        return "-".join(word.lower() for word in re.findall("[A-Z][a-z]*", self.name))

    def validation_error(self, value: str) -> str:
        """Return what is wrong with a value; empty when it is valid.

        Args:
            value: as text.
        """
        if self.is_number and not (value.isdecimal() and self.minimum <= int(value) <= self.maximum):
            return f"--{self.option}: give a number from {self.minimum:g} to {self.maximum:g}."
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"--{self.option}: the value must match {self.pattern}."
        return ""


def text() -> str:
    """Return the text of the template."""
    return RETURN_PATH_TEMPLATE.read_text("utf-8")


def parameters() -> list[TemplateParameter]:
    """Return the parameters, in the order of the template."""
    return [
        TemplateParameter(
            name=name,
            description=content.get("Description", ""),
            default=str(content.get("Default", "")),
            is_number=content["Type"] == "Number",
            pattern=content.get("AllowedPattern", ""),
            minimum=content.get("MinValue", float("-inf")),
            maximum=content.get("MaxValue", float("inf")),
        )
        for name, content in _content()["Parameters"].items()
    ]


def resources() -> list[tuple[str, str]]:
    """Return the logical name and the type of each resource."""
    return [(name, content["Type"]) for name, content in _content()["Resources"].items()]


def parameter_values(values: Mapping[str, str], before: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the parameters of a call. Those without a new value keep theirs; new parameters get their defaults.

    Args:
        values: new values, by name.
        before: present values of the stack, by name.
    """
    kept = {parameter.name: before[parameter.name] for parameter in parameters() if parameter.name in before}
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in {**kept, **values}.items()]


def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(text(), TemplateLoader)  # noqa: S506  it is a SafeLoader, with two tags more
    return content
