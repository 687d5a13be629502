"""State machines as CloudFormation makes them and AWS runs them, where moto 5.2 differs.

moto reads only ``DefinitionString`` and puts the machine where its interpreter does not look; and a JSONPath filter that
matches nothing is an error there. With these corrections the sandbox deploys and runs the very template that goes to AWS.
"""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions import models
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

StateMachine: Any = models.StateMachine  # the type checker is right that its methods are not for assigning
_create = StateMachine.create_from_cloudformation_json.__func__
_may_be_empty = json_path._contains_slice_or_wildcard_array  # noqa: SLF001  there is no other handle


def create_state_machine(
    cls: type[models.StateMachine], resource_name: str, cloudformation_json: dict[str, Any], *args: Any, **kwargs: Any
) -> models.StateMachine:
    """Accept ``Definition``, the object (CloudFormation User Guide, ``AWS::StepFunctions::StateMachine``)."""
    properties = dict(cloudformation_json["Properties"])
    if "Definition" in properties:
        properties["DefinitionString"] = json.dumps(properties.pop("Definition"))
    machine: models.StateMachine = _create(
        cls, resource_name, {**cloudformation_json, "Properties": properties}, *args, **kwargs
    )
    return machine


def may_be_empty(path: str) -> bool:
    """Whether a path that matches nothing yields ``[]``. So does a filter on AWS (seen: getmoto/moto#10078)."""
    return "[?(" in path or bool(_may_be_empty(path))


def install() -> None:
    """Put the corrections in place."""
    StateMachine.create_from_cloudformation_json = classmethod(create_state_machine)
    module: Any = models
    module.stepfunctions_backends = stepfunctions_parser_backends
    json_path._contains_slice_or_wildcard_array = may_be_empty  # noqa: SLF001  there is no other handle
