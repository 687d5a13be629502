"""An open page with a text, and the file on the volume to which it saves."""

from contextlib import suppress
from itertools import count

PATH = "notes.txt"


class Page:
    """A page.

    Args:
        folder: folder of the volume.
        is_full: returns whether the volume is full.
    """

    def __init__(self, folder, is_full):
        self._file, self._is_full, self._versions = folder / PATH, is_full, count(1)
        self._tabs, self._tab = None, None
        self.was_connected = False
        self.text = "version 0"
        self._file.write_text(self.text, "utf-8")

    @property
    def is_saved(self):
        """Whether the volume contains the text of the page."""
        with suppress(FileNotFoundError):
            return self._file.read_text("utf-8") == self.text
        return False

    def write(self):
        """Change the text."""
        self.text = f"version {next(self._versions)}"
        self._hello()

    def connect(self, tabs):
        """Connect to a server."""
        self._tabs, self._tab, self.was_connected = tabs, tabs.join(lambda message: None), True
        self._hello()

    def lose_connection(self):
        """Disconnect without a message."""
        tabs, tab, self._tabs, self._tab = self._tabs, self._tab, None, None
        if tabs is not None:
            tabs.leave(tab)

    def connect_again(self, tabs):
        """Connect if it is disconnected."""
        if self._tab is None:
            self.connect(tabs)

    def answer(self, restart):
        """Report in the save round of a restart."""
        if self._tab is None:
            return
        if not self._is_full():
            self._file.write_text(self.text, "utf-8")
        outcome = "saved" if self.is_saved else "failed"
        report = {"restart": restart, "documents": [{"path": PATH, "outcome": outcome, "proof": self.text}]}
        self._tabs.report(self._tab, report)

    def _hello(self):
        if self._tab is not None:
            document = {"path": PATH, "dirty": not self.is_saved}
            self._tabs.hello(self._tab, {"tab": "page", "page": "lab", "documents": [document]})
