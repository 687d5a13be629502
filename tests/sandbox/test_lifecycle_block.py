"""A block in another OnStart script changes nothing of that script, and runs when it has ended."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .on_start import WHEEL, Home


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(prepared: Home) -> Iterator[Home]:
    prepared.clear()
    yield prepared
    prepared.end_jupyter()


VOLATILE = "SECONDS|RANDOM|BASHPID|EPOCH|LINENO|PPID| _=|BASH_ARG|PIPESTATUS"
STATE = f"set -- a 'b c'; set -o; shopt || :; trap; (cd /proc/$$/fd; echo *); declare -p | grep -Ev '{VOLATILE}'; echo $*"


def test_it_changes_nothing_of_the_script_around_it(home: Home) -> None:
    before = "set -Eeuo pipefail; trap 'echo trapped' EXIT ERR; exec 7>/dev/null\n"
    block = home.block(f"/nowhere/{WHEEL}")
    assert home.run(f"{before}{block}{STATE}\n") == home.run(f"{before}{STATE}\n")


@pytest.mark.parametrize("shell", [["/bin/bash", "-eux", "-s"], ["/bin/sh"], ["/bin/bash", "--posix"]], ids=" ".join)
def test_it_returns_at_once_and_keeps_nobody_waiting_for_its_output(home: Home, shell: list[str]) -> None:
    later = home.environment.rename(home.folder / "not yet")  # its work goes on for as long as this is not there
    try:
        started = time.monotonic()
        home.run_loudly(home.block(f"/nowhere/{WHEEL}") + "echo theirs\n", *shell)
        assert time.monotonic() - started < 3
        assert not (home.notes / "on-start.json").exists()
    finally:
        later.rename(home.environment)
    assert "No such file" in home.outcome()["detail"]


@pytest.mark.parametrize("end", ["exit 0", "trap 'sleep 2' EXIT", "exec sleep 2", "sleep 2 & wait", "set -e; sleep 2; true"])
def test_it_acts_when_the_script_has_ended_however_it_does(home: Home, bare_wheel: Path, end: str) -> None:
    mark = home.volume / "ended"
    home.run(f'{home.block(bare_wheel)}date +%s.%N > "{mark}"\n{end}\n')
    assert not home.installed
    assert home.outcome()["outcome"] == "installed"
    assert home.log.stat().st_mtime > float(mark.read_text())


def test_the_short_form_does_the_same_out_of_the_wheel(home: Home, wheel: Path) -> None:
    home.run(home.block(wheel, hashlib.sha256(wheel.read_bytes()).hexdigest(), short=True, answer_seconds=240) + "exit 0\n")
    assert home.outcome()["outcome"] == "installed"
    assert home.installed
