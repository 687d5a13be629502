"""Every fault in every phase of a restart, in the simulated world: how it occurs, and its result."""

import asyncio
import tempfile
from typing import get_args

from jupyter_nb_updater.restart.machine import Phase

from .loop import InstantLoop, drop_what_is_left
from .world import LONG, World

LASTS = 60.0
"""Duration of a temporary fault in seconds."""

PHASES = get_args(Phase)
LED_TO_BY = {"refused": "DescribeNotebookInstance", "failed": "StopNotebookInstance"}
"""Operation that AWS denies at first, so that a click ends in this phase."""

SETTLED = ("idle", "refused", "failed")
"""Phases in which nothing happens until a click; the others follow a click."""

DAY = 86400.0


async def kill(world, _):
    """Kill the server, which the service manager starts again."""
    await world.kill()
    await asyncio.sleep(5)
    await world.serve()


def aws(mood):
    """Refuse all requests of the instance temporarily, and of the stack as often as that lasts."""

    async def strike(world, phase):
        await world.aws(mood)
        world.cloud.quota = 2 if phase == "away" else 0
        await asyncio.sleep(LASTS)
        await world.aws("well")

    return strike


async def deny_for_good(world, phase):
    """Remove a permission until the end."""
    await world.aws("access-denied")
    world.cloud.quota = 99 if phase == "away" else 0


async def wrong_state(world, phase):
    """Put the instance into a state in which it accepts neither stop nor start."""
    if phase == "away":
        world.cloud.quota = 2
    elif world.cloud.status == "InService":
        world.cloud.status = "Updating"
        await asyncio.sleep(LASTS)
        world.cloud.status = "InService"


def maintenance(*, stops):
    """Announce maintenance, in which AWS accepts a stop or refuses it."""

    async def strike(world, _):
        await world.maintenance(stops)
        await asyncio.sleep(LASTS)
        world.cloud.end_maintenance()

    return strike


async def lose_network(world, _):
    """Disconnect AWS and the pages."""
    await world.aws("unreachable")
    world.page.lose_connection()
    await asyncio.sleep(LASTS)
    await world.aws("well")
    await world.network()


async def fill_volume(world, _):
    """Fill the volume, and free space later."""
    await world.disk("full")
    await asyncio.sleep(LASTS)
    await world.disk("free")


def clock(seconds):
    """Set the clock of the instance wrong, and correct it later."""

    async def strike(world, _):
        await world.clock(seconds)
        await asyncio.sleep(LASTS)
        await world.clock(0.0)

    return strike


async def repeat_event(world, _):
    """Send the last event again twice, and click again."""
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
    "AWS: maintenance that refuses a stop": maintenance(stops=False),
    "AWS: maintenance that accepts a stop": maintenance(stops=True),
    "lost network": lose_network,
    "full volume": fill_volume,
    "clock a day ahead": clock(DAY),
    "clock a day behind": clock(-DAY),
    "duplicated event": repeat_event,
}


async def live(loop, folder, fault, phase):
    """Reach the phase, let the fault occur at its beginning, and continue to the end.

    Returns:
        The result for the table, and violations.
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
    """Return the result in a word or two."""
    if world.cloud.alarms:
        return "alarm"
    if world.boots:
        return "restarts" if world.server.outcome else f"restarts, reported as {world.server.restart.phase}"
    restart = world.server.restart
    return f"stays up: `{restart.findings[0].code}`" if restart.findings else f"stays up, {restart.phase}"


def cell(fault, phase):
    """Return one cell of the table: the result, and violations."""
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
    """Return the table of ``docs/faults.md``."""
    rows = [f"| | {' | '.join(f'`{phase}`' for phase in PHASES)} |", f"|---{'|---' * len(PHASES)}|"]
    rows += [f"| {fault} | {' | '.join(cell(fault, phase)[0] for phase in PHASES)} |" for fault in FAULTS]
    return "\n".join(rows)
