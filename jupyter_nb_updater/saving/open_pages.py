"""The list of open pages, saved on the volume so that the next server process also waits for them.

Without it, a server process that replaces a killed one would know of no page, and could stop the instance before a page with
an unsaved edit has reconnected.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from traitlets.config import LoggingConfigurable

from ..util.files import atomic_write, read_json
from .tabs import Tabs

PAGES_FORMAT = 1

Pages = list[dict[str, str]]


class OpenPages(LoggingConfigurable):
    """Save the id and kind of each open page on every change, but no paths and no content."""

    def __init__(self, tabs: Tabs, path: Path, **kwargs: object) -> None:
        """Save the open pages of ``tabs`` from now on.

        Args:
            tabs: the open tabs.
            path: file for the list.
            **kwargs: traits, and the ``parent`` whose configuration applies.
        """
        super().__init__(**kwargs)
        self._tabs, self._path = tabs, path
        self._pages: Pages = []
        self._write_lock = asyncio.Lock()
        self._writes: set[asyncio.Task[None]] = set()
        tabs.subscribe(self._save)

    async def load(self) -> None:
        """Expect back every page that was open when the last server process ended. Call this once, after a start."""
        for page in await asyncio.to_thread(self._read):
            self._tabs.expect(page["id"], page["page"])

    async def close(self) -> None:
        """Wait until the list is written."""
        await asyncio.gather(*self._writes)

    def _save(self) -> None:
        pages: Pages = [{"id": page_id, "page": page} for page_id, page in sorted(self._tabs.open_pages().items())]
        if pages != self._pages:
            self._pages = pages
            task = asyncio.create_task(self._write())
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)

    async def _write(self) -> None:
        async with self._write_lock:  # so that the newest list is written last
            try:
                content = {"format": PAGES_FORMAT, "pages": self._pages}
                await asyncio.to_thread(atomic_write, self._path, json.dumps(content))
            except OSError as error:  # they are known in memory; only a crash before the next change loses them
                self.log.warning("Could not save the list of open pages in %s: %s", self._path, error)

    def _read(self) -> Pages:
        """Read the list. A file that cannot be used is logged and counts as empty."""
        content = read_json(self._path, PAGES_FORMAT, self.log)
        try:
            return [{"id": str(page["id"]), "page": str(page["page"])} for page in content["pages"]] if content else []
        except (KeyError, TypeError) as error:
            self.log.warning("Ignoring the list of open pages in %s: %r", self._path, error)
            return []
