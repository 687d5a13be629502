"""Read roles and policies from the templates in ``cloud/``, and fill in names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..cloud import RETURN_PATH_TEMPLATE, SCHEDULE_ROLE_TEMPLATE
from ..instance.metadata import Identity
from .statements import PolicyDocument

RETURN_ROLE = "ReturnRole"
"""The logical name of the role with which the stack starts instances."""

SCHEDULE_ROLE = "ScheduleRole"
"""The logical name of the role with which EventBridge Scheduler starts instances."""

URL_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
"""``AWS::URLSuffix``, when it is not ``amazonaws.com`` (CloudFormation, "Pseudo parameters reference")."""


class TemplateLoader(yaml.SafeLoader):
    """Loads YAML with the short forms of CloudFormation's functions."""


def _function(loader: TemplateLoader, name: str, node: yaml.ScalarNode | yaml.SequenceNode) -> dict[str, Any]:
    value: Any = (
        loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node, deep=True)
    )
    return {name if name == "Ref" else f"Fn::{name}": value}


TemplateLoader.add_multi_constructor("!", _function)


def stack_policy(instance: Identity, role: str = RETURN_ROLE) -> PolicyDocument:
    """Return the policy of a role of the stack.

    Args:
        instance: account, region and partition to fill in; its name is the parameter ``NotebookNamePattern``.
        role: logical name of the role in the template.
    """
    (attached,) = resource(role, instance)["Policies"]
    policy: PolicyDocument = attached["PolicyDocument"]
    return policy


def schedule_policy(instance: Identity) -> PolicyDocument:
    """Return the policy of the role of EventBridge Scheduler.

    Args:
        instance: account, region and partition to fill in.
    """
    (attached,) = resource(SCHEDULE_ROLE, instance, SCHEDULE_ROLE_TEMPLATE)["Policies"]
    policy: PolicyDocument = attached["PolicyDocument"]
    return policy


def resource(name: str, instance: Identity, source: Path = RETURN_PATH_TEMPLATE) -> dict[str, Any]:
    """Return the properties of a resource of a template, with all names filled in. References to other resources are kept.

    Args:
        name: its logical name in the template.
        instance: whose account, region and partition are filled in; its name is the parameter ``NotebookNamePattern``.
        source: the template.
    """
    template = yaml.load(source.read_text("utf-8"), TemplateLoader)  # noqa: S506  it is a SafeLoader, with two tags more
    names = {parameter: str(content.get("Default")) for parameter, content in template["Parameters"].items()} | {
        "AWS::Partition": instance.partition,
        "AWS::Region": instance.region,
        "AWS::AccountId": instance.account,
        "AWS::URLSuffix": URL_SUFFIXES.get(instance.partition, "amazonaws.com"),
        "NotebookNamePattern": instance.name,
    }
    properties: dict[str, Any] = _resolve(template["Resources"][name]["Properties"], names)
    return properties


def _resolve(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Sub" in value:
        return re.sub(r"\$\{([^}]+)\}", lambda match: names[match[1]], value["Fn::Sub"])
    return {key: _resolve(item, names) for key, item in value.items()}
