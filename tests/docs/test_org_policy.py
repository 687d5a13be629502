"""The example of a policy document in the guide is valid, and the guide's commands work with it."""

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.org_policy.document import check_admissible
from jupyter_nb_updater.org_policy.parse import SCHEMA, parse_document

from .pages import ROOT, blocks

GUIDE = ROOT / "docs/security-engineer.md"
MARK = "not run: tests/docs/test_org_policy.py runs it with the document above"
TEXT = GUIDE.read_text("utf-8")
(EXAMPLE,) = [text for text in re.findall(r"^```json\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE) if '"serial"' in text]


@pytest.fixture
def desk(tmp_path):
    """Create a folder with the document and the commands."""
    raw = json.loads(EXAMPLE)
    (tmp_path / "organization.json").write_text(json.dumps(raw | {"expires": "2099-01-01T00:00:00Z"}))
    script = tmp_path / "bin" / "jupyter"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nshift\nexec "{sys.executable}" -m jupyter_nb_updater.cli.app "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    bare = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "JUPYTER_NO_CONFIG": "1"}
    environment = {**os.environ, **bare, "PATH": path, "PYTHONPATH": str(ROOT)}

    def run(text):
        command = ["bash", "-euc", text]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_the_example_would_be_taken():
    document = parse_document(EXAMPLE.encode())
    check_admissible(document, datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc))
    assert (document.policy.mode, len(document.advisories), len(document.policy.waves)) == ("require", 1, 3)


def test_it_has_every_field_that_there_is_and_the_table_tells_of_each():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert set(json.loads(EXAMPLE)) == set(schema["properties"])
    table = TEXT.partition("| field |")[2].partition("\n\n")[0]
    for field in set(schema["properties"]) - {"version", "organization"}:
        assert f"`{field}`" in table, field


@pytest.mark.parametrize("block", [block for block in blocks() if block.mark == MARK], ids=str)
def test_the_commands_about_it_work(desk, block):
    answer = desk(block.text)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert ": valid" in answer.stdout


def test_there_are_two_of_them():
    assert len([block for block in blocks() if block.mark == MARK]) == 2
