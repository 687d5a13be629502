"""A subprocess is limited, has low priority, and leaves nothing behind."""

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest

from jupyter_nb_updater.sandbox.machine.processes import is_alive
from jupyter_nb_updater.util import subprocess as subprocesses
from jupyter_nb_updater.util.subprocess import ProgramFailed, drain, low_priority_process, run_low_priority
from tests.wait import eventually_async

SLEEPS = ["/bin/sleep", "9999"]


def oom_score_adjustment(pid):
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


async def test_the_output_is_returned_and_in_english(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/of/jupyter")
    output = await run_low_priority(["/bin/sh", "-c", "echo $LC_ALL $TZ $PYTHONPATH; echo no >&2"], 20)
    assert output == "C UTC0\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo first >&2; echo last >&2; exit 3", "last"),
        ("exit 3", "the program ended with exit code 3"),
        ("yes", "the program wrote more than 16 MiB"),
    ],
)
async def test_a_failure_has_the_words_of_the_program_or_says_what_became_of_it(script, message):
    with pytest.raises(ProgramFailed, match=message):
        await run_low_priority(["/bin/sh", "-c", script], 20)
    assert subprocesses.running() == frozenset()


async def test_a_program_that_takes_too_long_is_ended():
    with pytest.raises(ProgramFailed):
        await run_low_priority(SLEEPS, 0.2)
    assert subprocesses.running() == frozenset()


async def test_a_program_is_behind_everybody_else_and_goes_first_when_memory_is_short():
    async with low_priority_process(SLEEPS, 60) as process:
        await eventually_async(lambda: psutil.Process(process.pid).nice() == 19, 10)
        assert process.pid in subprocesses.running()
        assert oom_score_adjustment(process.pid) == 1000
    assert process.returncode is not None


async def test_what_a_program_has_started_ends_with_it():
    script = "sleep 9999 & echo $!; wait"
    async with low_priority_process(["/bin/sh", "-c", script], 60, stdout=asyncio.subprocess.PIPE) as process:
        child = psutil.Process(int(await process.stdout.readline()))
    await eventually_async(lambda: not is_alive(child), 10)


async def test_one_that_may_clean_up_is_interrupted_before_it_is_killed(tmp_path):
    script = f"""
import signal, time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    open({str(tmp_path / "cleaned")!r}, "w").close()
"""
    command = [sys.executable, "-c", script]
    async with low_priority_process(command, 60, graceful=True, stdout=asyncio.subprocess.PIPE) as process:
        await process.stdout.readline()
    assert (tmp_path / "cleaned").exists()


async def test_a_lock_is_passed_on_and_the_rest_of_the_output_is_read():
    reader, writer = os.pipe()
    command = [sys.executable, "-c", f"import os; os.write({writer}, b'held')"]
    async with low_priority_process(command, 60, pass_fds=(writer,), stdout=asyncio.subprocess.PIPE) as process:
        os.close(writer)
        await drain(process)
    assert os.read(reader, 10) == b"held"
    os.close(reader)


async def test_a_run_that_is_cancelled_leaves_no_process():
    task = asyncio.create_task(run_low_priority(SLEEPS, 60))
    await eventually_async(subprocesses.running, 10)
    (pid,) = subprocesses.running()
    process = psutil.Process(pid)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not is_alive(process)
    assert subprocesses.running() == frozenset()
