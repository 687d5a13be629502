"""Parameters and resources of the CloudFormation template of the stack, ``cloud/return-path.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..cloud import RETURN_PATH_TEMPLATE
from ..cloud.event_pattern import wildcard_error, wildcard_expression, without_capitals
from ..permissions.templates import TemplateLoader

NAME_PATTERN = "NotebookNamePattern"

MAX_INSTANCE_NAME_CHARS = 63
"""Maximum length of the name of a notebook instance, in characters (API Reference, CreateNotebookInstance)."""


@dataclass(frozen=True)
class TemplateParameter:
    """A parameter of the template, with the constraints that CloudFormation checks (User Guide, "Parameters").

    Args:
        name: such as ``AlarmEmail``.
        description: text of the template.
        default: default value, as text.
        is_number: whether the value must be a number.
        pattern: regular expression that the whole value must match; empty for any value.
        constraint: the same in words; empty if the template has none.
        minimum: smallest number.
        maximum: largest number.
    """

    name: str
    description: str
    default: str = ""
    is_number: bool = False
    pattern: str = ""
    constraint: str = ""
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
        if self.name == NAME_PATTERN and (error := name_pattern_error(value)):
            return f"--{self.option}: {error}"
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"--{self.option}: {self.constraint or f'the value must match {self.pattern}.'}"
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
            constraint=content.get("ConstraintDescription", ""),
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


def name_pattern_error(pattern: str) -> str:
    """Return why the stack could start no instance with this pattern for its name; empty if it could.

    The event of a stop has the name with its capitals, ARNs have it in lower case, and IAM compares the case of each request
    (awslabs/service-workbench-on-aws#1176 and #1177). A name is letters, digits and hyphens, with a letter or digit at both
    ends (API Reference, CreateNotebookInstance).

    Args:
        pattern: value of ``NotebookNamePattern``.
    """
    if pattern != pattern.lower():
        return f"AWS uses a name in lower case too. Write * for each capital letter: '{without_capitals(pattern)}'."
    if wildcard_error(pattern):
        return "EventBridge does not allow several * in a row. Write one."
    if pattern.startswith("-") or pattern.endswith("-"):
        return "the name of a notebook instance does not begin or end with a hyphen, so the pattern would match none."
    if len(pattern.replace("*", "")) > MAX_INSTANCE_NAME_CHARS:
        return f"the name of a notebook instance has at most {MAX_INSTANCE_NAME_CHARS} characters, so the pattern is too long."
    return ""


def matching_names(pattern: str, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the names that a pattern matches, and those that it would match without their capital letters.

    Args:
        pattern: value of ``NotebookNamePattern``.
        names: of notebook instances.
    """
    expression = wildcard_expression(pattern)
    matched = [name for name in names if expression.fullmatch(name) and expression.fullmatch(name.lower())]
    in_lower_case = [name for name in names if name not in matched and expression.fullmatch(name.lower())]
    return matched, in_lower_case


def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(text(), TemplateLoader)  # noqa: S506  it is a SafeLoader, with two tags more
    return content
