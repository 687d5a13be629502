"""The plan of a run: printable and complete."""

from dataclasses import dataclass

LAST_BEFORE_CLICK = {"fill-volume", "server", "mute", "block", "aws"}
"""Steps that begin last, because they would disturb the other steps before the click."""


@dataclass(frozen=True)
class Document:
    """A file on the volume, in the folder of its run."""

    name: str
    kind: str
    form: str


@dataclass(frozen=True)
class View:
    """A document that is open in a tab; ``type`` is its editor, ``notebook`` or ``text``."""

    tab: int
    document: int
    type: str
    kernel: bool = False


@dataclass(frozen=True)
class Step:
    """One action. ``at`` is the number of a view, a document or a tab, depending on ``do``."""

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
        tabs: kind of each tab: ``lab``, ``hidden`` (behind the first, in the same browser), ``other`` (in another browser), or
            ``edit`` and ``notebook``, the pages of Notebook 7.
        before: steps before the click, in this order.
        during: steps between the click and the end, each as soon as possible.
        clicker: number of the tab in which the user clicks.
        insists: whether the user tries again and accepts rescue copies if nothing else blocks the restart.
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
        """Folder of its documents, relative to Jupyter's root."""
        return f"run-{self.seed}"

    def path(self, document):
        """Return the path of a document in Jupyter."""
        return f"{self.folder}/{self.documents[document].name}"

    def lines(self):
        """Yield a readable description."""
        insists = ", again if only copies are in the way" if self.insists else ""
        yield f"seed {self.seed}: tabs {', '.join(self.tabs)}; the click is in tab {self.clicker}{insists}"
        yield from (f"  document {n}: {one.name!r}, {one.kind}, {one.form}" for n, one in enumerate(self.documents))
        for number, view in enumerate(self.views):
            kernel = " with a kernel" if view.kernel else ""
            yield f"  view {number}: document {view.document} in tab {view.tab} as {view.type}{kernel}"
        yield from (f"  before: {step}" for step in self.before)
        yield from (f"  during: {step}" for step in self.during)
