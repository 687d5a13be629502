"""What one run does: a pure function of its seed, printable, and complete. Everything random is decided here."""

import random
from dataclasses import dataclass

from .content import NOTEBOOK_FORMS, TEXT_FORMS, token

BLOCK = 25
"""So many runs in a row share the kind of their second tab, which is then opened once for all of them."""

SUFFIXES = {"text": ".txt", "markdown": ".md", "csv": ".csv", "python": ".py", "notebook": ".ipynb"}
STEMS = ("notes", "a b", "100%", "50%25 off", "c#", "한글 문서", "dots.in.name", "q?&=+;", "émile", "x" * 120)


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


def plan(seed):
    """The plan of a seed; the same one each time."""
    return _Maker(seed).make()


class _Maker:
    """Draws one plan."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.marks = 0
        self.tabs, self.documents, self.views = ["lab"], [], []
        self.before, self.during = [], []
        self.silent = set()  # tabs that do not answer, or are closed
        self.touched = set()  # documents that another program has written, or that will not reach the disk

    def make(self):
        self.open_things()
        for _ in range(self.random.choice((1, 1, 2, 2, 3, 4))):
            self.edit()
        for trouble in self.random.sample(TROUBLES, self.random.choice((0, 0, 1, 1, 1, 2))):
            trouble(self)
        if self.chance(0.3):
            self.edit()
        if self.chance(0.3):
            self.during.append(Step("type-late", self.pick(self.views), mark=self.mark()))
        clickers = [number for number in range(len(self.tabs)) if number not in self.silent]
        before = sorted(self.before, key=lambda step: step.do in LAST)
        clicker = self.random.choice(clickers)
        return Plan(
            self.seed,
            tuple(self.tabs),
            tuple(self.documents),
            tuple(self.views),
            tuple(before),
            tuple(self.during),
            clicker,
            self.chance(0.6),
        )

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, things):
        return self.random.randrange(len(things))

    def mark(self):
        self.marks += 1
        return token(self.seed, self.marks)

    def open_things(self):
        if self.chance(0.4):
            self.tabs.append(("hidden", "other")[self.seed // BLOCK % 2])
        for _ in range(self.random.choice((1, 1, 2, 2, 3))):
            self.views.append(View(self.pick(self.tabs), self.document(), ""))
        if self.chance(0.04):
            self.tabs.append(kind := self.random.choice(("edit", "notebook")))
            document = self.document("notebook" if kind == "notebook" else "text")
            self.views.append(View(len(self.tabs) - 1, document, "", kernel=kind == "notebook"))
        self.views = [self.as_editor(view) for view in self.views]
        if self.chance(0.15):
            self.twice()

    def document(self, kind=None):
        kind = kind or self.random.choice(("text", "text", "markdown", "csv", "python", "notebook", "notebook", "notebook"))
        form = self.random.choice(NOTEBOOK_FORMS if kind == "notebook" else TEXT_FORMS)
        stem = self.random.choice(STEMS)
        self.documents.append(Document(f"{stem}-{len(self.documents)}{SUFFIXES[kind]}", kind, form))
        return len(self.documents) - 1

    def as_editor(self, view):
        is_notebook = self.documents[view.document].kind == "notebook"
        kernel = view.kernel or (is_notebook and self.tabs[view.tab] == "lab" and self.chance(0.03))
        return View(view.tab, view.document, "notebook" if is_notebook else "text", kernel)

    def twice(self):
        """One document in two tabs, or in one as a notebook and as text."""
        view = self.random.choice(self.views)
        tab = self.random.choice([number for number, kind in enumerate(self.tabs) if kind in {"lab", "hidden", "other"}])
        if tab != view.tab:
            self.views.append(View(tab, view.document, view.type))
        elif view.type == "notebook" and self.documents[view.document].form != "3":
            self.views.append(View(tab, view.document, "text"))

    def edit(self):
        do = "type" if self.chance(0.35) else "change"
        self.before.append(Step(do, view := self.pick(self.views), mark=self.mark()))
        if self.chance(0.12) and self.views[view].document not in self.touched:
            self.before.append(Step("save", view))

    # What goes wrong

    def another_program(self):
        document = self.pick(self.documents)
        how = self.random.choice(("grow", "grow", "replace", "replace", "delete", "rename", "read-only"))
        self.touched.add(document)
        self.before.append(Step("foreign", document, how, self.mark() if how in {"grow", "replace"} else ""))
        if self.chance(0.5):
            views = [number for number, view in enumerate(self.views) if view.document == document]
            self.before.append(Step("change", self.random.choice(views), mark=self.mark()))

    def lost_edit(self):
        """Typed while a save of the person's own was in flight: JupyterLab then says that nothing is unsaved."""
        view = self.pick(self.views)
        if self.views[view].document not in self.touched:
            self.before.append(Step("change", view, mark=self.mark()))
            self.before.append(Step("save-and-type", view, mark=self.mark()))

    def full_volume(self):
        view = self.pick(self.views)
        self.touched.add(self.views[view].document)
        self.before.append(Step("fill-volume"))
        if self.chance(0.7):
            self.before.append(Step("change", view, "huge", self.mark()))

    def broken_server(self):
        view = self.pick(self.views)
        how = self.random.choice(("500", "swallow", "swallow", "drop", "500-once", "swallow-once", "slow"))
        everything = "" if self.chance(0.6) else " everything"
        self.before += [Step("change", view, mark=self.mark()), Step("server", view, how + everything)]

    def typed_in_flight(self):
        """While our own save is in flight."""
        view = self.pick(self.views)
        self.before += [Step("change", view, mark=self.mark()), Step("server", view, "hold")]
        self.during.append(Step("in-flight", view, self.random.choice(("type", "change", "change")), self.mark()))

    def silent_tab(self):
        view = self.pick(self.views)
        tab = self.views[view].tab
        if len(self.tabs) > len(self.silent | {tab}):
            self.silent.add(tab)
            self.before.append(Step("change", view, mark=self.mark()))
            how = self.random.choice(("deaf", "dumb", "dead"))
            self.before.append(
                Step("mute", tab, how) if self.chance(0.6) else Step("block", tab, self.random.choice(("1", "6")))
            )

    def lost_connection(self):
        self.during.append(Step("drop", self.pick(self.tabs)))

    def tab_goes(self):
        others = [view for view in self.views if view.tab != 0]
        tab = self.random.choice(others).tab if others else 0
        if tab and len(self.tabs) > len(self.silent | {tab}):
            self.silent.add(tab)
            self.during.append(Step("close-tab", tab))

    def tab_comes(self):
        view = self.random.choice(self.views)
        self.during.append(Step("open-document", view.document, mark=self.mark()))

    def written_meanwhile(self):
        """Another program writes a document that no tab has changed."""
        changed = {self.views[step.at].document for step in self.before if step.do in VIEW_STEPS}
        clean = [number for number in range(len(self.documents)) if number not in changed]
        if clean:
            document = self.random.choice(clean)
            self.touched.add(document)
            self.during.append(Step("foreign", document, self.random.choice(("grow", "replace")), self.mark()))

    def running_kernel(self):
        notebooks = [n for n, view in enumerate(self.views) if view.kernel and self.tabs[view.tab] == "lab"]
        if notebooks:
            self.before.append(Step("run", self.random.choice(notebooks), self.random.choice(("short", "long"))))

    def aws_refuses(self):
        operation = self.random.choice(("StopNotebookInstance", "AddTags", "DescribeNotebookInstance"))
        code = self.random.choice(("AccessDeniedException", "ThrottlingException", "ValidationException"))
        self.before.append(Step("aws", 0, f"{operation} {code}"))


VIEW_STEPS = {"type", "change", "save", "save-and-type", "server"}
LAST = {"fill-volume", "server", "mute", "block", "aws"}
"""What must not disturb the steps before the click: it begins when they are done."""

TROUBLES = (
    _Maker.another_program,
    _Maker.another_program,
    _Maker.another_program,
    _Maker.lost_edit,
    _Maker.full_volume,
    _Maker.broken_server,
    _Maker.broken_server,
    _Maker.typed_in_flight,
    _Maker.typed_in_flight,
    _Maker.silent_tab,
    _Maker.silent_tab,
    _Maker.lost_connection,
    _Maker.tab_goes,
    _Maker.tab_comes,
    _Maker.written_meanwhile,
    _Maker.running_kernel,
    _Maker.aws_refuses,
)
