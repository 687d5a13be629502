"""The documentation as data: pages, fenced blocks, links and generated parts."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "labextension/README.md"])

FENCE = re.compile(r"(?:<!-- (?P<mark>[^\n]*?) -->\n)?```sh\n(?P<text>.*?)```", re.DOTALL)
ANY_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
LABEL = re.compile(r"(?<!\*)\*([A-Z][^*`]*)\*(?!\*)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A ``sh`` block: its page, its first line, the comment above it, its text."""

    page: Path
    line: int
    mark: str
    text: str

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*marks):
    """Return all ``sh`` blocks with one of these marks, or all of them."""
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start("text")) + 1
            found.append(Block(page, line, match["mark"] or "", match["text"]))
    return [block for block in found if not marks or block.mark.removeprefix("run: ") in marks]


def links(page):
    """Return all links on a page."""
    return [first or second for first, second in LINK.findall(ANY_FENCE.sub("", page.read_text("utf-8")))]


def labels(page):
    """Return everything in italics on a page: buttons, menus and titles of the interface."""
    return LABEL.findall(" ".join(ANY_FENCE.sub("", page.read_text("utf-8")).split()))


def anchors(page):
    """Return the anchors of a page's headings on GitHub."""
    headings = HEADING.findall(ANY_FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def generated(name):
    """Return the begin and end marks of a generated part."""
    return f"<!-- generated: {name} -->\n", f"\n<!-- end of {name} -->"


def part(page, name):
    """Return the text between the marks."""
    begin, end = generated(name)
    return page.read_text("utf-8").partition(begin)[2].partition(end)[0]
