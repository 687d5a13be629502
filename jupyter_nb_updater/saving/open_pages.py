"""Which pages are open, kept on the volume: the next server process waits for them, as the one before would have.

Without it a server that was killed would know nobody, and could be stopped before a page that still holds an edit is back.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from traitlets.config import LoggingConfigurable

from .tabs import Tabs

Pages = list[dict[str, str]]


class OpenPages(LoggingConfigurable):
    """Follows the tabs; only their ids and kinds are kept, no path and no content."""

    def __init__(self, tabs: Tabs, path: Path, **kwargs: object) -> None:
        """Args: who is there; the file to keep it in."""
        super().__init__(**kwargs)
        self._tabs, self._path = tabs, path
        self._kept: Pages = []
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        tabs.subscribe(self._follow)

    async def recall(self) -> None:
        """First thing after a start: everyone who was there is expected back. A file that cannot be read names nobody."""
        for page in await asyncio.to_thread(self._read):
            self._tabs.expect(page["id"], page["page"])

    async def close(self) -> None:
        """Wait until what is known is kept."""
        await asyncio.gather(*self._tasks)

    def _follow(self) -> None:
        pages: Pages = [{"id": key, "page": page} for key, page in sorted(self._tabs.present().items())]
        if pages != self._kept:
            self._kept = pages
            task = asyncio.create_task(self._write())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _write(self) -> None:
        async with self._writing:  # the newest last
            try:
                await asyncio.to_thread(self._replace, json.dumps(self._kept))
            except OSError as error:  # the pages are there all the same; only a crash before the next change would forget them
                self.log.warning("Who is there could not be kept in %s: %s", self._path, error)

    def _replace(self, text: str) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, "utf-8")
        fresh.replace(self._path)

    def _read(self) -> Pages:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return [{"id": str(page["id"]), "page": str(page["page"])} for page in kept]
        except (OSError, ValueError, KeyError, TypeError):
            return []
