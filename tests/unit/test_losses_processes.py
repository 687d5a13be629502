"""Background work among real processes."""

import ctypes
import os
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from jupyter_nb_updater.losses import proc as process_reader
from jupyter_nb_updater.losses.command_line import ProgramPatterns
from jupyter_nb_updater.losses.proc import Process, ProcessTable, parse_stat
from jupyter_nb_updater.losses.processes import AccountedFor, Jobs
from jupyter_nb_updater.losses.terminals import Terminal, terminal_losses
from jupyter_nb_updater.sandbox.machine.init import PR_SET_CHILD_SUBREAPER

from .machine import Machine, brief, losses_once

PYTHON_TMUX = """#!{python}
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "--norc"])
os.write(fd, sys.argv[1].encode() + b"\\n")
while True:
    os.read(fd, 4096)
"""


@pytest.fixture
def machine(tmp_path):
    """Make the test the parent of orphans, like process 1."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    machine = Machine(tmp_path)
    yield machine
    machine.end()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def test_a_machine_at_rest_has_none(machine):
    assert machine.losses() == []


def test_nohup_outlives_its_shell_and_is_told_with_its_command_and_its_start(machine):
    machine.run("sh", "-c", "nohup sleep 9999 > /dev/null 2>&1 &").wait()
    (loss,) = machine.told(("sleep 9999", "background", True))
    started = datetime.fromisoformat(loss["since"].replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - started).total_seconds()) < 30
    assert loss["id"] == f"process:{loss['id'].split(':')[1]}:{int(started.timestamp())}"
    assert loss["memory"] > 0


def test_an_id_stays_while_the_process_runs(machine):
    machine.run("sleep", "9999")
    (first,) = machine.told(("sleep 9999", "background", True))
    assert [{**loss, "memory": first["memory"]} for loss in machine.losses()] == [first]  # it still loads its libraries


def test_one_job_is_one_loss_with_the_memory_of_all_of_it(machine):
    machine.run("sh", "-c", "sleep 9998 & sleep 9999; true")
    (loss,) = machine.told(("sh -c sleep 9998 & sleep 9999; true", "background", True))
    assert loss["memory"] > 0


def test_a_job_without_terminal_and_session_counts(machine):
    machine.run("sleep", "9999", start_new_session=True)
    machine.told(("sleep 9999", "background", True))


def test_what_has_just_started_is_a_helper_of_something(machine):
    machine.run("sleep", "9999")
    assert machine.losses(min_age_seconds=3600.0) == []


def test_a_zombie_holds_nothing(machine):
    dead = machine.run("true")
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    assert machine.losses() == []


def test_what_has_ended_since_the_look_holds_nothing(machine):
    job = machine.run("sleep", "9999")
    machine.told(("sleep 9999", "background", True))
    seen = process_reader.read_processes()
    job.kill()
    os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOWAIT)  # a zombie, then nothing
    assert machine.losses(table=seen) == []
    job.wait()
    assert machine.losses(table=seen) == []


def test_what_it_had_started_still_counts(machine):
    shell = machine.run("sh", "-c", "sleep 9999 & wait")
    below = psutil.Process(shell.pid).children  # one that is at first a copy of the shell
    losses_once(below, lambda found: [one.cmdline() for one in found] == [["sleep", "9999"]])
    seen = process_reader.read_processes()
    shell.kill()
    shell.wait()
    assert [brief(loss) for loss in machine.losses(table=seen)] == [("sleep 9999", "background", True)]


def test_a_terminal_whose_command_has_ended_since_the_look_is_not_busy(machine):
    shell = machine.shell("sleep 9999")
    (job,) = losses_once(psutil.Process(shell.pid).children, lambda found: [one.name() for one in found] == ["sleep"])
    here = [Terminal("1", shell.pid, os.tcgetpgrp(shell.fd))]
    seen = process_reader.read_processes()
    assert [loss["busy"] for loss in terminal_losses(here, seen, ProgramPatterns([]))] == [True]
    job.kill()
    losses_once(lambda: terminal_losses(here, seen, ProgramPatterns([])), lambda told: not told[0]["busy"])


def test_a_stopped_job_is_there_and_does_not_work(machine):
    job = machine.run("sleep", "9999")
    machine.told(("sleep 9999", "background", True))  # stopped on its way into its program, it would never hold memory
    job.send_signal(signal.SIGSTOP)
    machine.told(("sleep 9999", "background", False))


def test_a_system_process_never_counts_and_what_it_has_started_does(machine):
    machine.run(machine.program("ssh-agent", "#!/bin/sh\nsleep 9999 & wait\n"))
    machine.told(("sleep 9999", "background", True))


def test_a_script_is_known_by_its_own_name(machine):
    os.mkfifo(machine.folder / "fifo")
    machine.run(machine.program("my-language-server", f"#!/bin/sh\nread line < {machine.folder}/fifo\n"))
    machine.run("sleep", "9999")
    machine.told(("sleep 9999", "background", True))


def test_jupyterlabs_own_yarn_counts_only_when_somebody_builds_with_it(machine):
    os.mkfifo(machine.folder / "fifo")
    node, yarn = machine.folder / "node", machine.folder / "site-packages" / "jupyter_builder" / "yarn.js"
    node.symlink_to("/bin/sh")
    yarn.parent.mkdir(parents=True)
    yarn.write_text(f"read line < {machine.folder}/fifo\n")
    machine.run(str(node), str(yarn))
    machine.run(str(node), str(yarn), "watch")
    machine.told((f"{node} {yarn} watch", "background", True))


def test_a_training_that_only_reads_a_file_of_jupyters_counts(machine):
    (machine.folder / "jupyter-lab").write_text("")
    machine.run("tail", "-f", str(machine.folder / "jupyter-lab"))
    machine.told((f"tail -f {machine.folder}/jupyter-lab", "background", True))


def test_a_shell_at_its_prompt_is_no_work_and_its_background_job_is(machine):
    machine.shell("sleep 9999 &")
    machine.told(("sleep 9999", "background", True))


def test_a_pipeline_in_the_background_is_one_job(machine):
    machine.shell("sleep 9999 | cat &")
    machine.told(("sleep 9999", "background", True))


def test_a_group_of_commands_in_the_background_is_told_by_what_it_runs(machine):
    machine.shell("(sleep 9999; true) &")
    machine.told(("sleep 9999", "background", True))


def test_a_command_that_a_foreign_terminal_runs_counts(machine):
    machine.shell("bash train.sh", "sleep 9999")
    machine.told(("sleep 9999", "background", True))


def test_the_foreground_of_a_terminal_is_the_terminals_and_its_background_is_not(machine):
    shell = machine.shell("sleep 9998 &", "sleep 9999")
    machine.told(("sleep 9998", "background", True), ("sleep 9999", "background", True))
    covered = AccountedFor(kernels={}, shells={shell.pid}, foregrounds={os.tcgetpgrp(shell.fd)})
    machine.told(("sleep 9998", "background", True), covered=covered)


@pytest.fixture
def tmux(machine):
    return machine.program("tmux: server", PYTHON_TMUX.format(python=sys.executable))


def test_a_command_in_a_tmux_is_told_by_its_own_name(machine, tmux):
    machine.run(tmux, "sleep 9999", start_new_session=True)
    machine.told(("sleep 9999", "tmux", True))


def test_a_tmux_with_nothing_but_prompts_is_there_and_does_not_work(machine, tmux):
    machine.run(tmux, "", start_new_session=True)
    machine.told((f"{sys.executable} {tmux}", "tmux", False))


def test_a_command_in_a_screen_is_told_by_its_own_name(machine):
    machine.run("SCREEN", "-c", "sleep 9999; true", executable="/bin/sh", start_new_session=True)
    machine.told(("sleep 9999", "screen", True))


def test_a_container_is_told_by_what_runs_in_it(machine):
    shim = machine.program("containerd-shim-runc-v2", "#!/bin/sh\nsleep 9999 & wait\n")
    machine.run(shim, "-namespace", "moby", "-id", "0123456789abcdef")
    machine.told(("sleep 9999", "docker", True))


def test_a_kernel_stands_for_its_own_group_and_not_for_what_it_has_set_apart(machine):
    kernel = machine.run("sh", "-c", "sleep 9998 & setsid sleep 9999 & wait", start_new_session=True)
    covered = AccountedFor(kernels={kernel.pid: False}, shells=(), foregrounds=())
    machine.told(("sleep 9999", "background", True), covered=covered)


# What cannot be started here: processes of other users

ME, ROOT = os.getuid(), os.getuid() + 1


def table(*rows):
    """Create a process table from rows of pid, parent, owner and command line."""
    processes = [
        Process(pid, parent, Path(words.split()[0]).name, "S", pid, pid, has_terminal=False, foreground=-1, started=0, memory=1)
        for pid, parent, _, words in rows
    ]
    lines, owners = {row[0]: row[3].split() for row in rows}, {row[0]: row[2] for row in rows}
    return ProcessTable(
        processes,
        SimpleNamespace(argv=lambda pid: lines.get(pid, []), owner=owners.get, is_alive=lines.__contains__),
    )


def found(*rows):
    covered = AccountedFor(kernels={}, shells=(), foregrounds=())
    return [" ".join(job.argv) for job in Jobs(table(*rows), covered, ProgramPatterns([]), 1.0).below(1)]


def test_what_another_user_runs_is_not_ours_to_tell():
    assert found((1, 0, ROOT, "systemd"), (2, 1, ROOT, "rngd -f")) == []


def test_what_we_run_below_anothers_process_is():
    assert found((1, 0, ROOT, "systemd"), (2, 1, ROOT, "sshd"), (3, 2, ME, "train")) == ["train"]


def test_what_runs_as_root_because_we_said_sudo_is_ours():
    assert found((1, 0, ROOT, "systemd"), (2, 1, ME, "SCREEN"), (3, 2, ROOT, "sudo train")) == ["sudo train"]


def test_a_container_belongs_to_root_and_is_ours():
    assert found((1, 0, ROOT, "systemd"), (2, 1, ROOT, "containerd-shim -id x")) == ["containerd-shim -id x"]


def test_the_name_of_a_process_may_hold_anything():
    process = parse_stat(
        "7 (a) b (c) S 1 7 7 34816 9 0 0 0 0 0 1 2 0 0 20 0 1 0 500 100 3 18446744073709551615", 1000.0, 100, 4096
    )
    assert (process.name, process.parent, process.started, process.memory) == ("a) b (c", 1, 1005.0, 12288)
    assert (process.has_terminal, process.foreground) == (True, 9)
