"""Processes that start with heavy modules already imported, for tests that start many of them.

One fork server per pytest process imports the heavy libraries once; each process is a fork of it, with its own environment,
working folder, standard streams and session, like one started by ``subprocess``. None of our modules is imported beforehand:
each process imports those on its own path.
"""

import importlib
import multiprocessing
import os
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

HEAVY = (
    "boto3",
    "jsonschema",
    "jupyter_server.serverapp",
    "jupyter_server_terminals",
    "moto.cloudformation.parsing",
    "moto.events.models",
    "moto.iam.responses",
    "moto.moto_server.werkzeug_app",
    "moto.s3.responses",
    "moto.sagemaker.models",
    "moto.scheduler.models",
    "moto.stepfunctions.models",
    "moto.stepfunctions.parser.models",
)
"""Modules that take seconds to import."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*HEAVY, __name__])


class WarmProcess:
    """A fork of the fork server, with the part of ``subprocess.Popen`` that our code uses.

    Args:
        function: function to call, as ``module:name`` or ``module:name.attribute``.
        arguments: its arguments.
        environment: environment variables; ``None`` copies ours.
        folder: working folder; ``None`` for ours.
        path: folder to import from first.
        output: file for standard output and error; ``None`` for a pipe, ``stdout``, and our own standard error.
    """

    def __init__(self, function, arguments=(), *, environment=None, folder=None, path=None, output=None):
        reads, keeps = _context.Pipe(duplex=False)
        self.stdout, told = None, None
        if output is None:
            hears, told = _context.Pipe(duplex=False)
            self.stdout = os.fdopen(os.dup(hears.fileno()), "r", encoding="utf-8")
            hears.close()
        facts = (dict(os.environ if environment is None else environment), str(folder or Path.cwd()), path and str(path))
        streams = (reads, told, output and str(output))
        self._process = _context.Process(target=_begin, args=(function, list(arguments), facts, streams), daemon=True)
        self._process.start()
        self.pid = self._process.pid
        self.stdin = os.fdopen(os.dup(keeps.fileno()), "w", encoding="utf-8")
        for end in (reads, keeps, *([told] if told else [])):
            end.close()

    def poll(self):
        """Return the exit code; ``None`` while the process is running."""
        return self._process.exitcode

    def wait(self, timeout=None):
        """Wait for the end of the process, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it is still running after ``timeout`` seconds.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout)
        for stream in (self.stdin, self.stdout):
            if stream is not None:
                stream.close()
        return self._process.exitcode

    def kill(self):
        """Kill the process."""
        self._process.kill()


def _begin(function, arguments, facts, streams):
    """Set up the forked process and call the function."""
    environment, folder, path = facts
    reads, told, output = streams
    os.setsid()
    os.dup2(reads.fileno(), 0)
    if output is not None:
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
    else:
        os.dup2(told.fileno(), 1)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False, buffering=1))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if path is not None:
        sys.path.insert(0, path)
    module, _, name = function.partition(":")
    attrgetter(name)(importlib.import_module(module))(*arguments)
