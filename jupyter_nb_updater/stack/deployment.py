"""Deploy the stack with CloudFormation: create or update it, preview the changes, delete it. Each wait has a timeout."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Mapping
from typing import Any, TextIO

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws, AwsError
from ..util.text import plural
from . import template
from .status import (
    DELETED_STATUS,
    SUCCESS_STATUSES,
    StackError,
    StackEvent,
    change_line,
    change_set_type,
    changes_nothing,
    does_not_exist,
    is_in_progress,
    root_cause,
)

TRANSIENT_ERRORS = {"throttled", "unreachable"}
"""Codes of errors after which a poll is repeated: the operation continues at AWS."""

Response = dict[str, Any]


class StackEvents(LoggingConfigurable):
    """Reads the events of a stack. They only inform: a deployment works without the permission to read them."""

    def __init__(self, aws: Aws, stack_id: str, **kwargs: Any) -> None:
        """Create a reader of the events of a stack.

        Args:
            aws: makes the calls.
            stack_id: id of the stack, which stays valid after a deletion (API Reference, DescribeStackEvents).
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._aws, self._stack_id = aws, stack_id
        self._last_id: str | None = None
        self.seen: list[StackEvent] = []
        """All events since :meth:`skip_past`, oldest first."""

    async def skip_past(self) -> None:
        """Skip the events that have happened so far."""
        events, _ = await self._page({})
        self._last_id = events[0]["EventId"] if events else None

    async def poll(self) -> list[StackEvent]:
        """Return the events since the last poll, oldest first."""
        found: list[StackEvent] = []
        next_page: dict[str, str] | None = {}
        while next_page is not None:
            events, next_page = await self._page(next_page)
            ids = [event["EventId"] for event in events]
            if self._last_id in ids:
                events, next_page = events[: ids.index(self._last_id)], None
            found += events
        if found:
            self._last_id = found[0]["EventId"]
        found.reverse()
        self.seen += found
        return found

    async def _page(self, page: dict[str, str]) -> tuple[list[StackEvent], dict[str, str] | None]:
        """Return a page, newest event first (API Reference, DescribeStackEvents), and the parameters of the next page."""
        try:
            answer = await self._aws.call("cloudformation", "DescribeStackEvents", StackName=self._stack_id, **page)
        except AwsError as error:
            self.log.debug("The events of %s could not be read: %s", self._stack_id, error)
            return [], None
        token = answer.get("NextToken")
        return answer["StackEvents"], {"NextToken": token} if token else None


class Deployment(LoggingConfigurable):
    """Deploys one stack in one account and region. Every method raises :class:`~..instance.aws.AwsError` and ``StackError``."""

    poll_seconds = Float(3.0, min=0.05, help="Seconds between two polls of a stack that is being changed.").tag(config=True)
    timeout_seconds = Float(
        900.0, min=1.0, help="Seconds to wait for a stack. After them the command ends, and AWS continues."
    ).tag(config=True)

    def __init__(self, aws: Aws, name: str, output: TextIO, **kwargs: Any) -> None:
        """Create the deployment of one stack.

        Args:
            aws: makes the calls, in the account and region of the stack.
            name: of the stack.
            output: each event of the stack is printed here, as it happens.
            **kwargs: ``parent``, whose configuration this gets.
        """
        super().__init__(**kwargs)
        self._aws, self._name, self._output = aws, name, output

    async def deploy(self, values: Mapping[str, str]) -> bool:
        """Create the stack, or update it, and wait until that is done.

        Args:
            values: values of parameters, by name; other parameters keep their values.

        Returns:
            Whether anything was changed.
        """
        stack = await self._describe()
        if stack is None or self._change_set_type(stack) == "CREATE":
            created = await self._call("CreateStack", ClientRequestToken=uuid.uuid4().hex, **self._parameters(values, None))
            await self._wait_until_done(created["StackId"], self._events(created["StackId"]), SUCCESS_STATUSES)
            return True
        events = self._events(stack["StackId"])
        await events.skip_past()
        try:
            await self._call("UpdateStack", **self._parameters(values, stack))
        except AwsError as error:
            if changes_nothing(error.message):
                return False
            raise
        await self._wait_until_done(stack["StackId"], events, SUCCESS_STATUSES)
        return True

    async def preview(self, values: Mapping[str, str]) -> list[str]:
        """Return what :meth:`deploy` would change, a line for each resource; for an existing stack with a change set.

        Args:
            values: values of parameters, by name; other parameters keep their values.
        """
        stack = await self._describe()
        if stack is None or self._change_set_type(stack) == "CREATE":
            return [f"add {name} ({kind})" for name, kind in template.resources()]
        names = {"StackName": self._name, "ChangeSetName": f"nb-updater-{uuid.uuid4().hex}"}
        try:
            await self._call("CreateChangeSet", ChangeSetType="UPDATE", **{**self._parameters(values, stack), **names})
        except AwsError as error:
            if changes_nothing(error.message):
                return []
            raise
        try:
            return [change_line(change) for change in await self._with_timeout(self._changes(names))]
        finally:
            await self._call("DeleteChangeSet", **names)

    async def delete(self) -> bool:
        """Delete the stack and everything in it, and wait until that is done.

        Returns:
            Whether the stack existed.
        """
        stack = await self._describe()
        if stack is None or stack["StackStatus"] == DELETED_STATUS:
            return False
        events = self._events(stack["StackId"])
        await events.skip_past()
        await self._call("DeleteStack", StackName=self._name)
        await self._wait_until_done(stack["StackId"], events, {DELETED_STATUS})
        return True

    def _change_set_type(self, stack: Response) -> str:
        return change_set_type(self._name, stack["StackStatus"])

    def _parameters(self, values: Mapping[str, str], stack: Response | None) -> Response:
        before = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in (stack or {}).get("Parameters", ())}
        present = {**before, **values}
        for one in template.parameters():  # an earlier version of the template may have allowed what this one does not
            if one.name in present and (error := one.validation_error(present[one.name])):
                raise StackError(f"The value {present[one.name]!r} of {one.name} does not work. {error}")
        return {
            "StackName": self._name,
            "TemplateBody": template.text(),
            "Parameters": template.parameter_values(values, before),
            "Capabilities": ["CAPABILITY_IAM"],
        }

    async def _describe(self, stack: str | None = None) -> Response | None:
        try:
            stacks = (await self._call("DescribeStacks", StackName=stack or self._name))["Stacks"]
        except AwsError as error:
            if does_not_exist(error.message):
                return None
            raise
        found: Response = stacks[0]
        return found

    def _events(self, stack_id: str) -> StackEvents:
        return StackEvents(self._aws, stack_id, parent=self)

    async def _wait_until_done(self, stack_id: str, events: StackEvents, wanted: set[str]) -> None:
        status = await self._with_timeout(self._terminal_status(stack_id, events))
        if status not in wanted:
            raise StackError(f"The stack {self._name} is in {status}. First failure: {root_cause(events.seen)}")

    async def _terminal_status(self, stack_id: str, events: StackEvents) -> str:
        while True:
            try:
                found = await self._describe(stack_id)
                for event in await events.poll():
                    print(f"  {event['ResourceStatus']:<27} {event['LogicalResourceId']}", file=self._output, flush=True)
            except AwsError as error:
                if error.code not in TRANSIENT_ERRORS:
                    raise
            else:
                status = DELETED_STATUS if found is None else str(found["StackStatus"])
                if not is_in_progress(status):
                    return status
            await asyncio.sleep(self.poll_seconds)

    async def _changes(self, names: Mapping[str, str]) -> list[Response]:
        while True:
            answer = await self._call("DescribeChangeSet", **names)
            if answer["Status"] == "FAILED":
                if changes_nothing(answer.get("StatusReason", "")):
                    return []
                raise StackError(f"AWS could not preview the changes: {answer.get('StatusReason', 'no reason given')}")
            if answer["Status"] == "CREATE_COMPLETE":
                changes: list[Response] = answer["Changes"]  # one page has room for a megabyte of them
                return changes
            await asyncio.sleep(self.poll_seconds)

    async def _with_timeout(self, wait: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(wait, self.timeout_seconds)
        except asyncio.TimeoutError:
            minutes = plural(self.timeout_seconds / 60, "minute")
            raise StackError(
                f"The stack {self._name} is still in progress after {minutes}. AWS continues; see the CloudFormation console."
            ) from None

    async def _call(self, operation: str, **parameters: Any) -> Response:
        return await self._aws.call("cloudformation", operation, **parameters)
