"""What one run does: printable, and complete."""

from dataclasses import dataclass

LAST_BEFORE_CLICK = {"fill-volume", "server", "mute", "block", "aws"}
"""What must not disturb the steps before the click: it begins when they are done."""


@dataclass(frozen=True)
class Document:
    """A file on the volume, under the folder of its run."""

    name: str
    kind: str
    form: str


@dataclass(frozen=True)
class View:
    """A document that is open in a tab: ``type`` is the editor, ``notebook`` or ``text``."""

    tab: int
    document: int
    type: str
    kernel: bool = False


@dataclass(frozen=True)
class Step:
    """One thing that happens. ``at`` is the number of a view, of a document or of a tab, as ``do`` has it."""

    do: str
    at: int = 0
    how: str = ""
    mark: str = ""

    def __str__(self):
        return " ".join(part for part in (self.do, str(self.at), self.how, self.mark) if part)


@dataclass(frozen=True)
class Plan:
    """A run.

    Args:
        tabs: the kind of each, ``lab``, ``hidden`` (behind the first, in the same browser), ``other`` (in another browser), or
            ``edit`` and ``notebook``, the pages of Notebook 7.
        before: what happens until the click, in this order.
        during: what happens between the click and the end, each as soon as it can.
        clicker: the tab in which the person clicks.
        insists: when all that is in the way are rescue copies, the person tries again and accepts them.
    """

    seed: int
    tabs: tuple[str, ...]
    documents: tuple[Document, ...]
    views: tuple[View, ...]
    before: tuple[Step, ...]
    during: tuple[Step, ...]
    clicker: int
    insists: bool

    @property
    def folder(self):
        """Of its documents, under the root of Jupyter."""
        return f"run-{self.seed}"

    def path(self, document):
        """Of a document, as Jupyter has it."""
        return f"{self.folder}/{self.documents[document].name}"

    def lines(self):
        """For a person to read."""
        insists = ", again if only copies are in the way" if self.insists else ""
        yield f"seed {self.seed}: tabs {', '.join(self.tabs)}; the click is in tab {self.clicker}{insists}"
        yield from (f"  document {n}: {one.name!r}, {one.kind}, {one.form}" for n, one in enumerate(self.documents))
        for number, view in enumerate(self.views):
            kernel = " with a kernel" if view.kernel else ""
            yield f"  view {number}: document {view.document} in tab {view.tab} as {view.type}{kernel}"
        yield from (f"  before: {step}" for step in self.before)
        yield from (f"  during: {step}" for step in self.during)
