"""Deliver status changes to state machines: EventBridge and Step Functions where moto 5.2 differs from AWS.

The event and its delivery to a state machine are ours. Rule, pattern, state and targets are those in moto's EventBridge, moto
matches the pattern, and moto's interpreter runs the state machine. moto reads only ``DefinitionString``, stores the state
machine where its interpreter does not find it, and treats a JSONPath filter without a match as an error. With the corrections
of ``install_step_functions`` the sandbox deploys and runs the same template that is deployed to AWS.
"""

from __future__ import annotations

import json
import uuid
from copy import copy
from typing import Any

from moto.core.utils import unix_time_millis
from moto.events.models import Rule, events_backends
from moto.stepfunctions import models
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from .notebook_instances import EmulatedInstance

DETAIL_TYPE = "SageMaker Notebook Instance State Change"


def state_change(instance: EmulatedInstance, status: str) -> dict[str, Any]:
    """Return the event of a status, as an entry of PutEvents.

    AWS lists the event under "Amazon SageMaker AI events" (EventBridge Events Reference). The members of ``detail`` are those
    of
    a real event in the Service Workbench documentation of 2022: times in milliseconds, tags as an object, and the name in the
    ARN in lower case.
    """
    arn = instance.arn.lower()
    detail = {
        "NotebookInstanceArn": arn,
        "NotebookInstanceName": instance.notebook_instance_name,
        "NotebookInstanceStatus": status,
        "InstanceType": instance.instance_type,
        "RoleArn": instance.role_arn,
        "LastModifiedTime": int(unix_time_millis(instance.last_modified_time)),
        "CreationTime": int(unix_time_millis(instance.creation_time)),
        "FailureReason": instance.failure_reason,
        "NotebookInstanceLifecycleConfigName": instance.lifecycle_config_name,
        "Tags": {tag["Key"]: tag["Value"] for tag in instance.tags},
    }
    present = {key: value for key, value in detail.items() if value is not None}
    return {"Source": "aws.sagemaker", "DetailType": DETAIL_TYPE, "Resources": [arn], "Detail": json.dumps(present)}


class EventPublisher:
    """Publish status changes to the default bus of an instance's region and account."""

    def status_changed(self, instance: EmulatedInstance, status: str) -> None:
        """Put the event of the new status on the bus."""
        account = instance.arn.split(":")[4]
        events_backends[account][instance.region_name].put_events([state_change(instance, status)])


def send_to_targets(rule: Rule, event: Any, *how: Any, **named: Any) -> None:
    """Replace ``Rule.send_to_targets``: start the state machines among the targets, and leave other targets to moto.

    Each delivery is an execution with a random name, as in EventBridge, which may deliver an event more than once (Developer
    Guide, "Automating Amazon SageMaker AI with Amazon EventBridge").
    """
    if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
        for target in rule.targets:
            if ":states:" in target["Arn"]:
                backend = stepfunctions_parser_backends[rule.account_id][rule.region_name]
                sent = target.get("Input") or json.dumps(event)
                backend.start_execution(target["Arn"], name=str(uuid.uuid4()), execution_input=sent)
    others = [target for target in rule.targets if ":states:" not in target["Arn"]]
    if others:
        moto_send_to_targets(_with_targets(rule, others), event, *how, **named)


def _with_targets(rule: Rule, targets: list[dict[str, Any]]) -> Rule:
    twin = copy(rule)
    twin.targets = targets
    return twin


moto_send_to_targets = Rule.send_to_targets


StateMachine: Any = models.StateMachine  # assigning to methods is against the types
_create = StateMachine.create_from_cloudformation_json.__func__
_may_be_empty = json_path._contains_slice_or_wildcard_array  # noqa: SLF001  there is no other handle


def create_state_machine(
    cls: type[models.StateMachine], resource_name: str, cloudformation_json: dict[str, Any], *args: Any, **kwargs: Any
) -> models.StateMachine:
    """Accept ``Definition`` as an object (CloudFormation User Guide, ``AWS::StepFunctions::StateMachine``)."""
    properties = dict(cloudformation_json["Properties"])
    if "Definition" in properties:
        properties["DefinitionString"] = json.dumps(properties.pop("Definition"))
    machine: models.StateMachine = _create(
        cls, resource_name, {**cloudformation_json, "Properties": properties}, *args, **kwargs
    )
    return machine


def may_be_empty(path: str) -> bool:
    """Check whether a path without a match yields ``[]``, as a filter does on AWS (seen: getmoto/moto#10078)."""
    return "[?(" in path or bool(_may_be_empty(path))


def install_step_functions() -> None:
    """Install the corrections."""
    StateMachine.create_from_cloudformation_json = classmethod(create_state_machine)
    module: Any = models
    module.stepfunctions_backends = stepfunctions_parser_backends
    json_path._contains_slice_or_wildcard_array = may_be_empty  # noqa: SLF001  there is no other handle
