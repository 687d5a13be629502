"""State machines out of CloudFormation templates, as CloudFormation makes them and moto does not.

moto 5.2 reads only ``DefinitionString`` and puts the machine where its interpreter does not look. With these two
corrections the sandbox deploys the very template that goes to AWS.
"""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions import models
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

_create = models.StateMachine.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]  # of a classmethod


def create_state_machine(
    cls: type[models.StateMachine], resource_name: str, cloudformation_json: dict[str, Any], *args: Any, **kwargs: Any
) -> models.StateMachine:
    """Accept ``Definition``, the object (CloudFormation User Guide, ``AWS::StepFunctions::StateMachine``)."""
    properties = dict(cloudformation_json["Properties"])
    if "Definition" in properties:
        properties["DefinitionString"] = json.dumps(properties.pop("Definition"))
    machine = _create(cls, resource_name, {**cloudformation_json, "Properties": properties}, *args, **kwargs)
    assert isinstance(machine, models.StateMachine)  # noqa: S101  tells the type checker
    return machine


def install() -> None:
    """Put both corrections in place."""
    models.StateMachine.create_from_cloudformation_json = classmethod(create_state_machine)  # type: ignore[method-assign, assignment]  # the point of it
    models.stepfunctions_backends = stepfunctions_parser_backends
