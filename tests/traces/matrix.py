"""Every fault in every phase of a restart, in the world of the traces: how it strikes, and what comes of it."""

import asyncio
import tempfile
from typing import get_args

from jupyter_nb_updater.restart.machine import Phase

from .loop import InstantLoop, drop_what_is_left
from .world import LONG, World

LASTS = 60.0
"""Seconds until a fault has passed, if it is one that passes."""

PHASES = get_args(Phase)
LED_TO_BY = {"refused": "DescribeNotebookInstance", "failed": "StopNotebookInstance"}
"""What AWS denies at first, so that a click ends there."""

SETTLED = ("idle", "refused", "failed")
"""Phases in which nothing happens until somebody clicks; the others are on the way from a click."""

DAY = 86400.0


async def kill(world, _):
    """The server ends at once, and the service manager starts the server again."""
    await world.kill()
    await asyncio.sleep(5)
    await world.serve()


def aws(mood):
    """AWS refuses everything for a while, to the instance; and to the stack as often as that lasts."""

    async def strike(world, phase):
        await world.aws(mood)
        world.cloud.quota = 2 if phase == "away" else 0
        await asyncio.sleep(LASTS)
        await world.aws("well")

    return strike


async def deny_for_good(world, phase):
    """The permission is gone, and nobody gives it back until all is over."""
    await world.aws("access-denied")
    world.cloud.quota = 99 if phase == "away" else 0


async def wrong_state(world, phase):
    """Somebody or something else has the instance in a state in which it takes no stop, and no start."""
    if phase == "away":
        world.cloud.quota = 2
    elif world.cloud.status == "InService":
        world.cloud.status = "Updating"
        await asyncio.sleep(LASTS)
        world.cloud.status = "InService"


async def lose_network(world, _):
    """Neither AWS nor the pages can be reached."""
    await world.aws("unreachable")
    world.page.lose_connection()
    await asyncio.sleep(LASTS)
    await world.aws("well")
    await world.network()


async def fill_volume(world, _):
    """Nothing can be written; afterwards somebody makes room."""
    await world.disk("full")
    await asyncio.sleep(LASTS)
    await world.disk("free")


def clock(seconds):
    """The clock of the instance is wrong by so much, and is set right later."""

    async def strike(world, _):
        await world.clock(seconds)
        await asyncio.sleep(LASTS)
        await world.clock(0.0)

    return strike


async def repeat_event(world, _):
    """EventBridge sends the last event again, twice, and the person clicks again."""
    await world.event()
    await world.event()
    await world.request("now")


FAULTS = {
    "`kill -9` of the server": kill,
    "AWS: AccessDenied, for good": deny_for_good,
    "AWS: throttling": aws("throttled"),
    "AWS: 5xx": aws("aws-error"),
    "AWS: timeout, though it acted": aws("mute"),
    "AWS: wrong state": wrong_state,
    "lost network": lose_network,
    "full volume": fill_volume,
    "clock a day ahead": clock(DAY),
    "clock a day behind": clock(-DAY),
    "duplicated event": repeat_event,
}


async def live(loop, folder, fault, phase):
    """Reach the phase, have the fault strike at its very beginning, and let everything come to its end.

    Returns:
        What came of it, as the table has it, and what must not be.
    """
    world, struck = World(loop, folder, grace=3.0), []

    def reached(now_in):
        if now_in == phase and not struck:
            world.cloud.mood = "well"  # what led here is over
            struck.append(loop.create_task(FAULTS[fault](world, phase), name=fault))

    world.reached = reached
    await world.serve()
    await asyncio.sleep(10)
    await world.write()
    if phase in LED_TO_BY:
        await world.aws(LED_TO_BY[phase])
    if phase != "idle":
        await world.request("idle" if phase == "waiting" else "now")
        await asyncio.sleep(30)
    if phase in SETTLED:
        await world.request("now")
    await asyncio.sleep(LONG)
    await asyncio.gather(*struck)
    came = ending(world)
    if world.cloud.alarms:  # whoever was told starts it
        await world.console("start")
    await world.come_to_rest()
    wrongs = [*world.wrongs(), *([] if struck else [f"{phase} was never reached"])]
    told = (world.server.outcome or {}).get("outcome")
    if (came == "alarm") != (told == "failed-to-return"):
        wrongs.append(f"{came}, and the journal says {told}")
    await world.kill()
    return came, wrongs


def ending(world):
    """What came of it, in a word or two."""
    if world.cloud.alarms:
        return "alarm"
    if world.boots:
        return "restarts" if world.server.outcome else f"restarts, reported as {world.server.restart.phase}"
    restart = world.server.restart
    return f"stays up: `{restart.findings[0].code}`" if restart.findings else f"stays up, {restart.phase}"


def cell(fault, phase):
    """One of the table: what came of it, and what must not be."""
    loop, crashes = InstantLoop(), []
    loop.set_exception_handler(lambda _, context: crashes.append(context["message"]))
    try:
        with tempfile.TemporaryDirectory() as folder:
            came, wrongs = loop.run_until_complete(live(loop, folder, fault, phase))
            return came, wrongs + crashes
    finally:
        loop.run_until_complete(drop_what_is_left())
        loop.close()


def table():
    """As ``docs/faults.md`` has it."""
    rows = [f"| | {' | '.join(f'`{phase}`' for phase in PHASES)} |", f"|---{'|---' * len(PHASES)}|"]
    rows += [f"| {fault} | {' | '.join(cell(fault, phase)[0] for phase in PHASES)} |" for fault in FAULTS]
    return "\n".join(rows)
