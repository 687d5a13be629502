"""Two gears: ``fast`` ends with the stop, which the emulated AWS accepts but does not carry out; ``full`` restarts."""

import resource
from contextlib import suppress

import psutil
from playwright.sync_api import Error
from requests import RequestException

from jupyter_nb_updater.cli.client import ServerError
from jupyter_nb_updater.sandbox import Sandbox
from tests.servers import server_of

from .volume import JournalFile

FULL_VOLUME_FILE_BYTES = 128 * 1024
"""Maximum size of a file on the full volume, in bytes."""

RESTART_TIMEOUT_MILLISECONDS, RELOAD_TIMEOUT_MILLISECONDS = 180_000, 20_000
"""Timeouts in milliseconds: for a stop, a start and the first page; and for the other pages after that."""

LOADED_AGAIN = "window.jupyterapp && !document.querySelector('dialog[open] [role=timer]')"
"""Condition: JupyterLab has loaded, and no dialog with a timer is open."""

EXPOSED = {"expose_app_in_browser": True}
TRAITS = {
    "LabApp": EXPOSED,
    "JupyterNotebookApp": EXPOSED,
    "RestartRunner": {"poll_seconds": 0.25},
    "Arming": {"retry_seconds": 0.25},
    "SaveRound": {"tab_timeout_seconds": 4.0},
    "Tabs": {"expected_seconds": 15.0},
    "LossInventory": {"disk_interval_seconds": 3600.0},
    "Adviser": {"advised_days": 0.0},
}
"""Expose the application object of the page, shorten timeouts to seconds, and show the banner also after a restart. A page is
expected for longer than a browser delays a new connection after many failed ones, as during a restart."""

STOP_OPERATION = "StopNotebookInstance"


class Gear:
    """Common part of both gears.

    Args:
        sandbox: the running sandbox.
    """

    def __init__(self, sandbox):
        self.sandbox, self.faults, self.root = sandbox, sandbox.faults, sandbox.volume
        self.max_file_bytes = FULL_VOLUME_FILE_BYTES
        self.journal = JournalFile(self.root)
        self._full = None

    def fill_volume(self):
        """Limit the size of files that the Jupyter server writes, like a full volume."""
        self._full = self._jupyter()
        resource.prlimit(self._full, resource.RLIMIT_FSIZE, (FULL_VOLUME_FILE_BYTES, resource.RLIM_INFINITY))

    def end(self):
        """Repair what was broken."""
        self.faults.clear()
        if self._full is not None and psutil.pid_exists(self._full):
            resource.prlimit(self._full, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._full = None
        self.journal.empty()

    def call_off(self):
        """Cancel or acknowledge a restart."""
        self.faults.clear()
        with suppress(ServerError, RequestException):
            server_of(self.sandbox).call("DELETE", "restart")

    def _jupyter(self):
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                if any(part.endswith("jupyter-lab") for part in process.cmdline()):
                    return process.pid
        raise AssertionError("no Jupyter runs")


class FastGear(Gear):
    """Delay the stop until the volume has been read, then accept it without carrying it out."""

    def arm(self):
        """Prepare before the click."""
        self.faults.add(STOP_OPERATION, answer={}, delay_seconds=30, times=1)

    def has_stopped(self):
        """Check whether AWS was asked to stop the instance."""
        return self.journal.last()["event"] == "armed" and not any(
            fault["answer"] is not None for fault in self.faults.listed()
        )

    def wait_for_return(self, page, others):
        """Accept the stop; that nothing happens then is displayed like a refusal."""
        self.faults.clear()
        refusal = page.get_by_role("alertdialog", name="Not restarted")
        refusal.get_by_role("button", name="Close").click()


class FullGear(Gear):
    """Stop and start the machine."""

    def arm(self):
        """Prepare before the click."""

    def has_stopped(self):
        """Check whether every process of the machine has ended."""
        return self.sandbox.status in {"Stopped", "Pending"}

    def wait_for_return(self, page, others):
        """Wait until the user has seen the result of the restart, and every page has reloaded."""
        dialog = page.get_by_role("dialog", name="Restarted")
        dialog.wait_for(timeout=RESTART_TIMEOUT_MILLISECONDS)
        for other in others:
            with suppress(Error):  # a page that was closed, or that will not come back: the next run gets a new one
                other.wait_for_function(LOADED_AGAIN, timeout=RELOAD_TIMEOUT_MILLISECONDS)
                other.evaluate("window.chaos.settled()")
        dialog.get_by_role("button", name="Close").click()


GEARS = {"fast": FastGear, "full": FullGear}


def machine(wheel):
    """Return the sandbox for the runs, as a context manager."""
    return Sandbox(wheel=wheel, traits=TRAITS)
