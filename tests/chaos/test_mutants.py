"""The chaos runs detect three broken products, and pass the intact one."""

import os

import pytest

from tests.mutants import mutant

from .chaos import run_all

MUTANTS = {
    "a saver that trusts the dirty flag": (
        {
            "labextension/src/saving/changeTracker.ts": (
                "return dirty || collaborative === true || this._lastSaved?.version !== this.version;",
                "return dirty;",
            )
        },
        (143, 224, 377),
    ),
    "a saver that does not read back": (
        {
            "labextension/src/saving/saver.ts": (
                "isOnDisk: found !== null && isOnDisk(context, format, diskContent(found, format), sent),",
                "isOnDisk: found !== null,",
            )
        },
        (265, 815, 1187),
    ),
    "a server that does not wait for a silent tab's answer": (
        {
            "jupyter_nb_updater/restart/save_round.py": (
                'elif report.outcome == "silent" or report.documents:',
                'elif report.outcome == "gone" and report.documents:',
            )
        },
        (395, 712, 774),
    ),
}
"""What is broken, and seeds whose plans detect it."""


FIRST, *OTHERS = MUTANTS
"""One change is tested always, all of them by `make soak`."""


def series(wheel, seeds, folder):
    lines = []
    summary = run_all(
        seeds, gear="fast", wheel=wheel, chromium=os.environ["CHROMIUM"], evidence=folder, print_line=lines.append
    )
    return summary, "\n".join(lines)


@pytest.mark.parametrize("broken", [FIRST, *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
def test_a_broken_product_loses_something_and_is_caught(broken, tmp_path, wheel):
    changes, seeds = MUTANTS[broken]
    summary, output = series(mutant(tmp_path, changes, wheel), seeds, tmp_path / "evidence")
    assert summary.bytes_lost > 0, output
    assert "which a tab held at the click" in output


@pytest.mark.soak
def test_the_product_itself_loses_nothing_in_the_same_runs(wheel, tmp_path):
    seeds = [seed for _, seeds in MUTANTS.values() for seed in seeds]
    summary, output = series(wheel, seeds, tmp_path)
    assert summary.is_good, output
