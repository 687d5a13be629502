"""Program names from command lines."""

import pytest

from jupyter_nb_updater.losses.command_line import is_prompt, one_line, program
from jupyter_nb_updater.losses.loss import display_name, journal_name, loss, needs_confirmation


@pytest.mark.parametrize("line", ["bash", "-bash", "/bin/bash -l", "zsh -i", "bash --init-file /x/y.sh", "bash --norc", "sh"])
def test_a_shell_that_was_given_nothing_to_do_waits_at_its_prompt(line):
    assert is_prompt(line.split())


@pytest.mark.parametrize(
    "line", ["bash train.sh", "sh -c train", "bash -lc train", "python", "sleep 9", "bash -o pipefail x.sh"]
)
def test_a_shell_with_a_script_or_a_command_and_any_other_program_works(line):
    assert not is_prompt(line.split())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("/usr/bin/python3 /opt/bin/jupyter-lab --no-browser", "jupyter-lab"),
        ("python3.11 -m sagemaker_nbi_agent.main", "sagemaker_nbi_agent.main"),
        ("python -c pass", "python"),
        ("-bash", "bash"),
        ("/usr/sbin/crond -n", "crond"),
    ],
)
def test_a_program_is_known_by_its_script_or_module(line, name):
    assert program(line.split()) == name


def test_a_command_line_is_told_as_one_short_line():
    assert one_line(["python", "-c", "a\n\tb\x1b[31m"]) == "python -c a b [31m"
    told = one_line(["x" * 500])
    assert (len(told), told[-1]) == (200, "…")


def test_a_loss_always_has_the_same_keys():
    assert loss("schedule", "crontab:1", "@daily x") == {
        "id": "schedule:crontab:1",
        "kind": "schedule",
        "name": "@daily x",
        "detail": "",
        "busy": False,
        "since": None,
        "memory": None,
        "size": None,
    }


def test_what_runs_must_be_confirmed_and_what_lies_on_the_disk_need_not():
    kinds = ["kernel", "terminal", "process", "schedule", "files", "packages"]
    assert [needs_confirmation(loss(kind, "1", "x")) for kind in kinds] == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("line", "recorded"),
    [
        ("python train.py --token=s3cret", "python train.py"),
        ("TOKEN=s3cret python train.py", "…"),
        ("curl -H s3cret https://x", "curl"),
        ("sleep 9999", "sleep 9999"),
    ],
)
def test_a_journal_does_not_hold_the_options_of_a_command(line, recorded):
    assert journal_name(loss("process", "1:1", line)) == recorded
    assert display_name(loss("process", "1:1", line)) == line


def test_a_notebook_is_recorded_by_its_whole_path():
    assert journal_name(loss("kernel", "1", "my folder/a - b=c.ipynb")) == "my folder/a - b=c.ipynb"


def test_a_terminal_is_called_by_what_runs_in_it():
    assert display_name(loss("terminal", "1", "1", "sleep 9999", busy=True)) == "sleep 9999"
    assert display_name(loss("terminal", "1", "1")) == "1"
