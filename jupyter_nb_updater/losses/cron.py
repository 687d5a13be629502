"""The user's scheduled jobs, which are stored outside the volume: those of ``crontab`` and ``at``."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib

from traitlets import Float
from traitlets.config import LoggingConfigurable

from .command_line import one_line
from .loss import Loss, loss

CRONTAB_VARIABLE = re.compile(r"""\s*["']?\w+["']?\s*=""")
"""A line of a crontab that sets a variable (crontab(5))."""


class ScheduledJobs(LoggingConfigurable):
    """Get the jobs from ``crontab`` and ``atq``, because only root may read their files."""

    command_timeout_seconds = Float(2.0, help="Timeout in seconds for `crontab -l`, and for `atq`.").tag(config=True)

    def losses(self) -> list[Loss]:
        """List all scheduled jobs. Without these programs there are none."""
        return [*parse_crontab(self._run("crontab", "-l")), *parse_atq(self._run("atq"))]

    def _run(self, program: str, *arguments: str) -> str:
        """Return the output of a program; empty if it is missing or fails (``no crontab for ec2-user``).

        Raises:
            subprocess.TimeoutExpired: the program did not respond in time.
        """
        path = shutil.which(program)
        if path is None:
            return ""
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=self.command_timeout_seconds,
            check=False,
        )
        return done.stdout if done.returncode == 0 else ""


def parse_crontab(text: str) -> list[Loss]:
    """Parse the output of ``crontab -l``: jobs only, without comments and variables.

    Args:
        text: the output.
    """
    lines = [line.strip() for line in text.splitlines()]
    jobs = dict.fromkeys(line for line in lines if line and not line.startswith("#") and not CRONTAB_VARIABLE.match(line))
    return [loss("schedule", f"crontab:{zlib.crc32(line.encode()):08x}", one_line(line.split()), "crontab") for line in jobs]


def parse_atq(text: str) -> list[Loss]:
    """Parse the output of ``atq``: one job per line, beginning with its number.

    Args:
        text: the output.
    """
    jobs = [line.split() for line in text.splitlines() if line.strip()]
    return [loss("schedule", f"at:{fields[0]}", one_line(fields), "at") for fields in jobs]
