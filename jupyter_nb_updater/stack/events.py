"""What happens to the resources of a stack, event by event."""

from __future__ import annotations

from typing import Any

from traitlets.config import LoggingConfigurable

from ..instance.aws import Aws, AwsError

Event = dict[str, Any]


class StackEvents(LoggingConfigurable):
    """Events only tell: whoever may not see them deploys and deletes all the same.

    Args:
        aws: the way to AWS.
        stack: its id; by that it can be asked for when it is deleted, too (API Reference, DescribeStackEvents).
    """

    def __init__(self, aws: Aws, stack: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._aws, self._stack = aws, stack
        self._last: str | None = None
        self.told: list[Event] = []
        """All since :meth:`begin`, oldest first."""

    async def begin(self) -> None:
        """From here on: what happened to the stack before is not told."""
        events, _ = await self._page({})
        self._last = events[0]["EventId"] if events else None

    async def look(self) -> list[Event]:
        """The events since the last look, oldest first."""
        found: list[Event] = []
        more: dict[str, str] | None = {}
        while more is not None:
            events, more = await self._page(more)
            ids = [event["EventId"] for event in events]
            if self._last in ids:
                events, more = events[: ids.index(self._last)], None
            found += events
        if found:
            self._last = found[0]["EventId"]
        found.reverse()
        self.told += found
        return found

    async def _page(self, more: dict[str, str]) -> tuple[list[Event], dict[str, str] | None]:
        """Newest first (API Reference, DescribeStackEvents), and what to ask for the next page with."""
        try:
            answer = await self._aws.call("cloudformation", "DescribeStackEvents", StackName=self._stack, **more)
        except AwsError as error:
            self.log.debug("The events of %s could not be seen: %s", self._stack, error)
            return [], None
        token = answer.get("NextToken")
        return answer["StackEvents"], {"NextToken": token} if token else None
