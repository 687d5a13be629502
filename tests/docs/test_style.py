"""The words of docs/style.md: what people read in code and docs has none of the phrases that this project once used."""

import re
import subprocess
import zipfile
from functools import cache

import pytest

from .pages import ROOT

# Phrases that have to be translated back before anybody understands them, and what the project says.
RETIRED_PHRASES = {
    r"whose turn it is": "one server at a time, an inter-process lock",
    r"on the side: with what": "a low-priority subprocess",
    r"what may come from outside": "limits on fetched content",
    r"brings a document from its place": "fetches the policy document",
    r"what is on the lists and not there": "packages to reinstall",
    r"one becomes the other": "one scan updates both",
    r"the same desk|\bthe desk\b|keeps the desk|(?:lay|laid) back": "session restore, restored",
    r"clock of advice and rhythms|one that nobody sets": "name: meaning",
    r"what there is to lose|what speaks against|in nobody's way": "losses; warnings that do not block",
    r"was not got|one to go by": "is unavailable or invalid",
    r"not later than it was told|asks under the same limits": "never move a displayed deadline later",
    r"takes a word\b|a word of its own|, after a word\b": "needs confirmation",
    r"told apart": "detected, distinguished",
    r"put(?:s|ting)? (?:\w+ )?(?:package|packages )?back\b": "reinstall",
    r"says that a return ended|by which part of its time": "recorded outcome; random jitter",
    r"\bso too\b|\ball the same\b|\bbe it\b|it is no (?!longer|more\b)": "(plain English)",
    r"is no notebook instance|that is no document": "is not a notebook instance; outside documents",
    r"(?:take|taken|takes|took) back\b": "disarm",
    r"asks no more|goes on asking|asked again for this": "is not raised again; reminders continue",
    r"\bis nobody's\b|AWS is at it|cannot be seen from here": "AWS is still changing; cannot be checked from here",
    r"shows only when it is done|every now and then": "cannot be tested without performing it; every 30 minutes",
    r"\bby itself\b|\bof its own accord\b": "automatically",
    r"waits for nothing|waits for a view": "waiting for, cannot check",
    r"a restart changed nothing|changed nothing about this": "the last restart found no update",
    r"\bnot known\b|cannot be known|cannot be told|known is when": "unknown",
    r"what asks for it|asks for a restart|nothing for a restart": "reasons, restart recommended",
    r"\bput off\b|\bputs off\b": "postponed",
    r"used in attacks": "actively exploited",
    r"happens without a click": "happens automatically",
    r"a reboot is no|in its words": "details",
    r"configured to lie|where none is fetched from|makes no sense": "not supported; invalid",
    r"nobody has set anything else": "no policy configured",
    r"\btick (?:each|the|it|this|them|a line)|\bticked\b|needs a (?:tick|word)": "confirm, select",
    r"\bcut off\b(?! leaves)": "lost",
    r"and stays so|yours is kept as|is kept as (?!it is)|to be found under": "saved as",
    r"hardly needed|restart then\b": "schedule restart",
    r"from the home folder|or no plain file|what is secret in it|was there already": "(see docs/style.md)",
    r"making sure that the instance is started|loading this page again": "arranging the restart; reloading",
    r"does not confirm what was written|holds this instance as it is": "did not confirm the write; placed a hold",
    r"came back from a restart only|nobody watches|is there that would start": "restarted on",
    r"notebook's role may|AWS took the stop": "IAM role; AWS accepted the stop",
    r"organisation": "organization",
    r"\b(?:is|are|was|were|be|been) told\b|\btold (?:to|by|of)\b|\btells? (?:whether|what|how|which)\b": "shown, reported",
    r"['\"]added packages|put back added": "packages you installed",
    r"^\s*pure\.|\bpure\.$": "(say what it does)",
    r"\bof one script\b|\bof all together\b": "(a verb and an object)",
    r"(?:is|are) advised\b|restart advised": "recommended",
}  # fmt: skip
# Its table names what we do not say.
EXEMPT = {"docs/style.md"}
READ = ("*.md", "jupyter_nb_updater/*.py", "jupyter_nb_updater/*.yaml", "jupyter_nb_updater/*.sh", "jupyter_nb_updater/*.json",
        "labextension/src/*.ts", "labextension/schema/*.json", "bench/*.py", "tools/*.py", "Makefile")  # fmt: skip


@cache
def written():
    """Every file that people read, but for the tests."""
    names = subprocess.run(["git", "ls-files", *READ], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: (ROOT / name).read_text("utf-8") for name in names if name not in EXEMPT}


@pytest.mark.parametrize(("phrase", "instead"), RETIRED_PHRASES.items())
def test_nobody_has_to_translate_a_phrase_back(phrase, instead):
    pattern = re.compile(phrase, re.IGNORECASE)
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in written().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"say: {instead}\n" + "\n".join(found)


def test_the_wheel_has_the_strings_for_translators(wheel):
    with zipfile.ZipFile(wheel) as archive:
        assert "jupyter_nb_updater/locale/jupyter_nb_updater.pot" in archive.namelist()
