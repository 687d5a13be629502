"""The pages are correct: links have targets, tables match the code, commands and make targets exist."""

import re
import struct
import subprocess

import pytest

from jupyter_nb_updater.cli.app import NbUpdaterCli
from jupyter_nb_updater.restart.machine import TRANSITIONS

from .generated import PARTS
from .pages import PAGES, ROOT, anchors, blocks, labels, links, part

MAX_README_BYTES = 6_000
MAX_ANIMATION_BYTES = 1_500_000
NAME_LABELS = ("README.md", "docs/data-scientist.md", "docs/platform-engineer.md", "docs/troubleshooting.md", "CHANGELOG.md")
"""Pages in which everything in italics is in the interface."""
LABELS_OF_JUPYTERLAB = {"File"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        if path.startswith(("https://", "http://")):
            assert path.startswith("https://"), f"{link} is not https"
            continue
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name} points to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} points to {link}"


@pytest.mark.parametrize(("page", "name"), PARTS, ids=lambda value: getattr(value, "name", value))
def test_what_is_generated_is_up_to_date(page, name):
    assert part(page, name) == PARTS[page, name](), "run `python -m tests.docs.generated`"


def test_every_command_of_the_command_line_is_in_the_reference():
    reference = (ROOT / "docs/cli.md").read_text("utf-8")
    for command in NbUpdaterCli.subcommands:
        assert f"`jupyter nb-updater {command}" in reference, command


def test_the_readme_is_short_and_has_both_commands():
    readme = (ROOT / "README.md").read_bytes()
    assert len(readme) <= MAX_README_BYTES
    assert b"\nmake demo\n" in readme
    assert b"\nmake test\n" in readme


@pytest.mark.parametrize("page", NAME_LABELS)
def test_every_button_that_a_guide_names_is_in_the_interface(page):
    catalog = (ROOT / "jupyter_nb_updater/locale/jupyter_nb_updater.pot").read_text("utf-8")
    texts = re.findall(r'^msgid(?:_plural)? "(.+)"$', catalog, re.MULTILINE)
    patterns = [re.sub(r"%\d", ".+", re.escape(text)) for text in texts]
    unknown = {label for label in labels(ROOT / page) if not any(re.fullmatch(pattern, label) for pattern in patterns)}
    assert unknown <= LABELS_OF_JUPYTERLAB


def test_every_block_says_where_it_runs_or_why_it_does_not():
    known = ("run: make", "run: repo", "run: account", "run: instance", "not run: ")
    unmarked = [str(block) for block in blocks() if not block.mark.startswith(known)]
    assert not unmarked


def test_every_event_of_a_restart_is_among_the_records_of_the_journal():
    records = (ROOT / "docs/architecture.md").read_text("utf-8").partition("## The journal")[2].partition("\n## ")[0]
    for event in {event for _, event in TRANSITIONS} | {"deferred"}:
        assert f"| `{event}` |" in records, event


def test_pictures_are_small_and_all_are_shown():
    shown = {link for page in PAGES for link in links(page)}
    for picture in ROOT.glob("docs/pictures/*.png"):
        head = picture.read_bytes()[:24]
        width, height = struct.unpack(">II", head[16:])
        assert head.startswith(b"\x89PNG")
        assert (width, height) <= (1280, 760)
        assert picture.stat().st_size <= 80 * 1024
        assert any(link.endswith(f"pictures/{picture.name}") for link in shown), picture.name


def test_animations_are_small_and_all_are_shown():
    shown = {link for page in PAGES for link in links(page)}
    for animation in (*ROOT.glob("docs/pictures/*.webp"), *ROOT.glob("docs/pictures/*.gif")):
        assert animation.stat().st_size <= MAX_ANIMATION_BYTES
        assert any(link.endswith(f"pictures/{animation.name}") for link in shown), animation.name


def test_every_make_target_that_is_named_exists():
    words = {line.split("#")[0].split()[1] for block in blocks("make") for line in block.text.splitlines() if line.strip()}
    text = "".join(page.read_text("utf-8") for page in PAGES)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in sorted(words | set(re.findall(r"`make ([a-z]+)", text))):
        assert f"\n{target}:" in makefile, target  # a folder of that name would satisfy make
        dry = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert dry.returncode == 0, f"make {target}: {dry.stderr}"


def test_every_file_of_ours_that_a_page_names_exists():
    ours = re.compile(r"`((?:jupyter_nb_updater|labextension|tests|docs|bench|tools)/[\w./-]+)")
    for page in PAGES:
        for path in ours.findall(page.read_text("utf-8")):
            named = ROOT / path
            assert (named.parent if named.stem == "NAME" else named).exists(), f"{page.name}: {path}"
