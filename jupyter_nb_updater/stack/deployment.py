"""The stack with CloudFormation: made or changed, looked at beforehand, and deleted. Each wait has a bound."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from traitlets import Float
from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws, AwsError
from . import template
from .events import StackEvents
from .status import DONE, GONE, StackError, Way, cause, change, changes_nothing, does_not_exist, is_under_way, way

PASSING = {"throttled", "unreachable"}
"""Errors after which a look is simply tried again: what is waited for goes on at AWS."""

Found = dict[str, Any]


class Deployment(LoggingConfigurable):
    """One stack in one account and region. Every method raises :class:`~..instance.aws.AwsError` and ``StackError``."""

    poll_seconds = Float(3.0, min=0.05, help="Seconds between two looks at a stack that is being made or deleted.").tag(
        config=True
    )
    bound_seconds = Float(
        900.0, min=1.0, help="Seconds to wait for a stack. Longer: AWS goes on, and the command says so."
    ).tag(config=True)

    def __init__(self, aws: Aws, name: str, say: Callable[[str], None], **kwargs: Any) -> None:
        """Args: the way to AWS; the name of the stack; what is told a line for each thing that is done."""
        super().__init__(**kwargs)
        self._aws, self._name, self._say = aws, name, say

    async def deploy(self, values: Mapping[str, str]) -> bool:
        """Make the stack, or bring it up to date.

        Args:
            values: of parameters, by name; the others stay as they are.

        Returns:
            Whether there was anything to do.
        """
        stack = await self._find()
        if stack is None or self._way(stack) == "create":
            made = await self._call("CreateStack", ClientRequestToken=uuid.uuid4().hex, **self._wanted(values, None))
            await self._settle(made["StackId"], self._news(made["StackId"]), DONE)
            return True
        news = self._news(stack["StackId"])
        await news.begin()
        try:
            await self._call("UpdateStack", **self._wanted(values, stack))
        except AwsError as error:
            if changes_nothing(error.message):
                return False
            raise
        await self._settle(stack["StackId"], news, DONE)
        return True

    async def preview(self, values: Mapping[str, str]) -> list[str]:
        """What :meth:`deploy` would change, a line for each resource. Of a stack that is there, CloudFormation says it."""
        stack = await self._find()
        if stack is None or self._way(stack) == "create":
            return [f"Add {name} ({kind})" for name, kind in template.resources()]
        names = {"StackName": self._name, "ChangeSetName": f"nb-updater-{uuid.uuid4().hex}"}
        try:
            await self._call("CreateChangeSet", ChangeSetType="UPDATE", **{**self._wanted(values, stack), **names})
        except AwsError as error:
            if changes_nothing(error.message):
                return []
            raise
        try:
            return [change(told) for told in await self._bounded(self._changes(names))]
        finally:
            await self._call("DeleteChangeSet", **names)

    async def delete(self) -> bool:
        """Delete the stack and everything in it.

        Returns:
            Whether there was one.
        """
        stack = await self._find()
        if stack is None or stack["StackStatus"] == GONE:
            return False
        news = self._news(stack["StackId"])
        await news.begin()
        await self._call("DeleteStack", StackName=self._name)
        await self._settle(stack["StackId"], news, {GONE})
        return True

    def _way(self, stack: Found) -> Way:
        return way(self._name, stack["StackStatus"])

    def _wanted(self, values: Mapping[str, str], stack: Found | None) -> Found:
        before = {one["ParameterKey"]: one["ParameterValue"] for one in (stack or {}).get("Parameters", ())}
        return {
            "StackName": self._name,
            "TemplateBody": template.text(),
            "Parameters": template.given(values, before),
            "Capabilities": ["CAPABILITY_IAM"],
        }

    async def _find(self, stack: str | None = None) -> Found | None:
        try:
            found: Found = (await self._call("DescribeStacks", StackName=stack or self._name))["Stacks"][0]
        except AwsError as error:
            if does_not_exist(error.message):
                return None
            raise
        return found

    def _news(self, stack: str) -> StackEvents:
        return StackEvents(self._aws, stack, parent=self)

    async def _settle(self, stack: str, news: StackEvents, wanted: set[str]) -> None:
        status = await self._bounded(self._end(stack, news))
        if status not in wanted:
            raise StackError(f"the stack {self._name} is in {status}. What failed first: {cause(news.told)}")

    async def _end(self, stack: str, news: StackEvents) -> str:
        while True:
            try:
                found = await self._find(stack)
                for event in await news.look():
                    self._say(f"  {event['ResourceStatus']:<27} {event['LogicalResourceId']}")
            except AwsError as error:
                if error.code not in PASSING:
                    raise
            else:
                status = GONE if found is None else str(found["StackStatus"])
                if not is_under_way(status):
                    return status
            await asyncio.sleep(self.poll_seconds)

    async def _changes(self, names: Mapping[str, str]) -> list[Found]:
        while True:
            answer = await self._call("DescribeChangeSet", **names)
            if answer["Status"] == "FAILED":
                if changes_nothing(answer.get("StatusReason", "")):
                    return []
                raise StackError(f"AWS cannot say what would change: {answer.get('StatusReason', 'no reason given')}")
            if answer["Status"] == "CREATE_COMPLETE":
                found: list[Found] = answer["Changes"]  # one page has room for a megabyte of them
                return found
            await asyncio.sleep(self.poll_seconds)

    async def _bounded(self, wait: Awaitable[Any]) -> Any:
        try:
            return await asyncio.wait_for(wait, self.bound_seconds)
        except asyncio.TimeoutError:
            minutes = self.bound_seconds / 60
            raise StackError(f"the stack {self._name} is not done after {minutes:g} minutes; AWS goes on with it") from None

    async def _call(self, operation: str, **parameters: Any) -> Found:
        return await self._aws.call("cloudformation", operation, **parameters)
