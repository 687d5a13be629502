"""Measure the cost of the extension while nobody uses it: a simulated week, compared with the same Jupyter without it.

    WHEEL=dist/….whl python bench/steady.py --days 7

Time passes 1120 times as fast, so that a week takes nine minutes; all intervals (one minute for advice, one hour for AWS) keep
their simulated length. Results that are cached for real seconds are not cached here, so that every scan of the disk is a real
one. Three notebook instances of the sandbox run at the same time: without the extension, with it, and with it and an open page.
The instance reaches 30 days of uptime meanwhile, which changes what the page and the fleet see.

Prints CPU time (user and system, of the server and its children), memory, and requests to AWS per simulated day. CPU time is in
excess of the reference. Exits with 1 if a limit is exceeded. Requests use plain HTTP on an open connection; on AWS the first
one
of each hour also opens a TLS connection, which takes a few milliseconds of CPU time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil
from tornado.websocket import websocket_connect

from jupyter_nb_updater.cli.client import ServerAddress, ServerClient
from jupyter_nb_updater.sandbox import Sandbox
from jupyter_nb_updater.sandbox.machine import processes

TIME_SCALE = 1120.0
DAY_SECONDS = 86400 / TIME_SCALE
UPTIME = timedelta(days=27)
MAX_CPU_SECONDS, MAX_REQUESTS, MAX_GROWTH_MEGABYTES = 2.0, 200.0, 0.3
SETTLING_DAYS = 2.0
"""Simulated days after which memory should not grow: everything is loaded, and the level has changed."""
SAMPLES_PER_DAY = 4
"""Number of memory samples per simulated day."""
TRAITS = {"LossInventory": {"disk_interval_seconds": 0.0}}
LIMITS = f"of {MAX_CPU_SECONDS:g} CPU-s, {MAX_REQUESTS:g} requests and {MAX_GROWTH_MEGABYTES:g} MB"


@dataclass
class Course:
    """Measurements of one server: CPU seconds and requests at the beginning and the end, memory over time."""

    name: str
    sandbox: Sandbox
    server: psutil.Process
    seconds: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def mark(self, sign: int) -> None:
        """Subtract at the beginning, and add at the end."""
        times = self.server.cpu_times()
        self.seconds += sign * (times.user + times.system + times.children_user + times.children_system)
        for operation, count in self.sandbox.aws.requests().items():
            self.requests[operation] += sign * count

    def sample(self, day: float) -> None:
        """Record the resident memory in MB."""
        self.memory.append((day, self.server.memory_info().rss / 1e6))

    @property
    def growth(self) -> float:
        """Return the growth of memory in MB per day after settling: the slope of a linear regression."""
        settled = [sample for sample in self.memory if sample[0] >= SETTLING_DAYS]
        return statistics.linear_regression(*zip(*settled, strict=True)).slope if len(settled) > SAMPLES_PER_DAY else 0.0


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=float, default=7.0, help="how many simulated days; one takes 77 seconds")
    days = parser.parse_args().days
    wheel = Path(os.environ["WHEEL"]) if os.environ.get("WHEEL") else None
    ours = {"wheel": wheel, "uptime": UPTIME, "time_scale": TIME_SCALE, "traits": TRAITS}
    with contextlib.ExitStack() as stack:
        peer, alone, watched = (
            Course(name, sandbox, jupyter(sandbox))
            for name, options in {"without": {"extension": False}, "with": ours, "with, and a page": ours}.items()
            if (sandbox := stack.enter_context(Sandbox(**options)))
        )
        stack.enter_context(page(watched.sandbox))
        for course in (alone, watched):
            wait_for_the_first_look(course.sandbox)
        follow([peer, alone, watched], days)
    return report(peer, [alone, watched], days)


def follow(courses: list[Course], days: float) -> None:
    """Wait until the days have passed."""
    began = time.monotonic()
    for course in courses:
        course.mark(-1)
    for number in range(int(days * SAMPLES_PER_DAY) + 1):
        time.sleep(max(0.0, began + number * DAY_SECONDS / SAMPLES_PER_DAY - time.monotonic()))
        for course in courses:
            course.sample(number / SAMPLES_PER_DAY)
    for course in courses:
        course.mark(+1)


def report(peer: Course, courses: list[Course], days: float) -> int:
    """Print one line for each server; return 1 if a limit is exceeded."""
    alone, is_over = courses[0], False
    print(f"{peer.name:18} {peer.seconds:5.2f} CPU-s in all   RSS {peer.memory[0][1]:.1f} to {peer.memory[-1][1]:.1f} MB")
    for course in courses:
        seconds, requests = (course.seconds - peer.seconds) / days, course.requests.total() / days
        print(
            f"{course.name:18} {seconds:5.2f} CPU-s and {requests:5.1f} requests a day above that   "
            f"RSS {course.memory[0][1]:.1f} to {course.memory[-1][1]:.1f} MB, {course.growth - peer.growth:+.2f} MB a day"
        )
        is_over |= seconds > MAX_CPU_SECONDS or requests > MAX_REQUESTS or course.growth - peer.growth > MAX_GROWTH_MEGABYTES
    asked = ", ".join(f"{operation} {count / days:.1f}" for operation, count in alone.requests.most_common() if count)
    print(f"{days:g} simulated days; requests a day: {asked}; a day may take {LIMITS}")
    return int(is_over)


def jupyter(sandbox: Sandbox) -> psutil.Process:
    """Return the process of the server, which listens on its port."""
    for process in processes.marked(sandbox.machine.mark):
        listening = [c for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        if sandbox.machine.port in {connection.laddr.port for connection in listening}:
            return process
    sys.exit("no process listens on the port of Jupyter")


def wait_for_the_first_look(sandbox: Sandbox) -> None:
    """Wait until everything is loaded and AWS was queried once."""
    server, deadline = ServerClient(ServerAddress(sandbox.machine.url, is_local=True), ""), time.monotonic() + 60
    while server.call("GET", "state")["instance"]["status"] is None:
        if time.monotonic() > deadline:
            sys.exit("AWS was not asked within a minute")
        time.sleep(0.5)


@contextlib.contextmanager
def page(sandbox: Sandbox) -> Iterator[None]:
    """Simulate an open page without a browser: say hello, and receive every state."""
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def stay() -> None:
        address = f"ws{sandbox.url.removeprefix('http')}nb-updater/channel"
        socket = await websocket_connect(address, on_message_callback=lambda _: None)
        await socket.write_message(json.dumps({"type": "hello", "tab": "bench", "page": "lab", "documents": []}))
        await over.wait()
        socket.close()

    thread = threading.Thread(target=loop.run_until_complete, args=[stay()], daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()


if __name__ == "__main__":
    sys.exit(main())
