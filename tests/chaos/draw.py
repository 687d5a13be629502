"""Draw the plan of a run as a pure function of its seed. Everything random is decided here and in the troubles."""

import random

from .content import NOTEBOOK_FORMS, TEXT_FORMS, token
from .plan import LAST_BEFORE_CLICK, Document, Plan, Step, View
from .troubles import TROUBLES

RUNS_PER_SECOND_TAB = 25
"""Number of consecutive runs with the same kind of second tab, which is opened once for all of them."""

SUFFIXES = {"text": ".txt", "markdown": ".md", "csv": ".csv", "python": ".py", "notebook": ".ipynb"}
STEMS = ("notes", "a b", "100%", "50%25 off", "c#", "한글 문서", "dots.in.name", "q?&=+;", "émile", "x" * 120)


def plan(seed):
    """Return the plan of a seed, always the same."""
    return Maker(seed).make()


class Maker:
    """Draw a plan."""

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
        before = sorted(self.before, key=lambda step: step.do in LAST_BEFORE_CLICK)
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
            self.tabs.append(("hidden", "other")[self.seed // RUNS_PER_SECOND_TAB % 2])
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
        """Open one document in two tabs, or in one tab as a notebook and as text."""
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
