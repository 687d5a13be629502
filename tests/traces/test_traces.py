"""Whatever users, AWS, the disk, the clock and kill -9 do: nothing ends stopped, armed, or started against a user's will."""

import asyncio
import logging
import os
import tempfile

import pytest
from hypothesis import given, settings, strategies as some

from jupyter_nb_updater.restart.return_path.arming import Arming
from jupyter_nb_updater.restart.return_path.stack import StackReturnPath

from .cloud import REFUSALS
from .loop import InstantLoop, drop_what_is_left
from .world import World

TRACES = int(os.environ.get("TRACES", "300"))
"""Number of traces in a normal run; set TRACES=10000 for a long one."""

MOODS = ["well", "well", "StopNotebookInstance", "DeleteTags", "mute", *sorted(REFUSALS)]

PAUSES = some.sampled_from([0.0, 0.05, 1.0, 7.0, 30.0, 130.0, 1000.0])

HAPPENING = some.one_of(
    some.tuples(some.just("request"), some.sampled_from(["now", "now", "now", "idle"])),
    some.tuples(some.just("stop_only"), some.none()),
    some.tuples(some.just("cancel"), some.none()),
    some.tuples(some.just("kill"), some.none()),
    some.tuples(some.just("serve"), some.none()),
    some.tuples(some.just("aws"), some.sampled_from(MOODS)),
    some.tuples(some.just("clock"), some.sampled_from([0.0, 0.0, 86400.0, -86400.0, 200.0])),
    some.tuples(some.just("disk"), some.sampled_from(["full", "free"])),
    some.tuples(some.just("write"), some.none()),
    some.tuples(some.just("network"), some.none()),
    some.tuples(some.just("event"), some.none()),
    some.tuples(some.just("no_capacity"), some.integers(0, 9)),
    some.tuples(some.just("maintenance"), some.booleans()),
    some.tuples(some.just("console"), some.sampled_from(["stop", "start"])),
)

GRACE = some.sampled_from([0.0, 0.5, 3.0])
"""Seconds for which a server continues after its instance was requested to stop."""

TRACE = some.lists(some.tuples(HAPPENING, PAUSES), min_size=1, max_size=14)


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    """Disable logging, because a thousand restarts log a lot."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


async def live(loop, folder, trace, grace):
    world = World(loop, folder, grace)
    await world.serve()
    for (what, how), pause in trace:
        await getattr(world, what)(how)
        await asyncio.sleep(pause)
    await world.come_to_rest()
    wrongs = list(world.wrongs())
    await world.kill()
    return wrongs


def wrongs(trace, grace):
    loop = InstantLoop()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return loop.run_until_complete(live(loop, folder, trace, grace))
    finally:
        loop.run_until_complete(drop_what_is_left())
        loop.close()


@settings(max_examples=TRACES)
@given(trace=TRACE, grace=GRACE)
def test_no_trace_ends_down_armed_or_started_against_anyones_will(trace, grace):
    assert wrongs(trace, grace) == []


async def _nothing(*_, **__):
    """Replace a broken part."""


REFUSED = [(("aws", "StopNotebookInstance"), 0.0), (("request", "now"), 30.0)]
BROKEN = {
    "a return path that arms nothing": (StackReturnPath, "arm", [(("request", "now"), 30.0)]),
    "a return path that disarms nothing": (StackReturnPath, "disarm", REFUSED),
    "a runner that disarms nothing": (Arming, "disarm", REFUSED),
}
"""What is broken, and a trace that detects it."""


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_part_is_caught(what, monkeypatch):
    owner, name, trace = BROKEN[what]
    assert wrongs(trace, 0.0) == []
    monkeypatch.setattr(owner, name, _nothing)
    assert wrongs(trace, 0.0)
