"""The user's scheduled jobs, which are kept outside the volume: ``crontab`` and ``at``."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib

from traitlets import Float
from traitlets.config import LoggingConfigurable

from .command_line import one_line
from .loss import Loss, loss

SETTING = re.compile(r"""\s*["']?\w+["']?\s*=""")
"""A line of a crontab that sets a variable (crontab(5))."""


class ScheduledJobs(LoggingConfigurable):
    """Asks the programs that keep them, because only root may read their files."""

    answer_seconds = Float(2.0, help="Seconds that `crontab -l` and `atq` may take each.").tag(config=True)

    def losses(self) -> list[Loss]:
        """Each job that is scheduled. A machine without these programs has none."""
        return [*crontab(self._ask("crontab", "-l")), *at(self._ask("atq"))]

    def _ask(self, program: str, *arguments: str) -> str:
        """What a program prints; nothing where it is missing or refuses (``no crontab for ec2-user``).

        Raises:
            subprocess.TimeoutExpired: it does not answer.
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
            timeout=self.answer_seconds,
            check=False,
        )
        return done.stdout if done.returncode == 0 else ""


def crontab(text: str) -> list[Loss]:
    """The jobs in what ``crontab -l`` prints: neither comments nor settings of variables. Pure."""
    lines = [line.strip() for line in text.splitlines()]
    jobs = dict.fromkeys(line for line in lines if line and not line.startswith("#") and not SETTING.match(line))
    return [loss("schedule", f"crontab:{zlib.crc32(line.encode()):08x}", one_line(line.split()), "crontab") for line in jobs]


def at(text: str) -> list[Loss]:
    """The jobs in what ``atq`` prints, each with its number first. Pure."""
    jobs = [line.split() for line in text.splitlines() if line.strip()]
    return [loss("schedule", f"at:{fields[0]}", one_line(fields), "at") for fields in jobs]
