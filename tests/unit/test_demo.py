"""The output of the demo, read line by line through a pipe."""

import sys
from types import SimpleNamespace

from jupyter_nb_updater.cli.demo import announcement_log


def test_a_line_comes_at_once_and_in_one_piece_because_the_sandbox_speaks_from_a_thread_of_its_own(monkeypatch):
    pieces = []
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=pieces.append, flush=lambda: pieces.append("at once")))
    announcement_log().info("ready")
    assert pieces == ["ready\n", "at once"]
