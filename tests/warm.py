"""Processes that begin where their imports end, for tests that start many of them.

One fork server for each process of pytest imports the heavy libraries once; a process that is started here is a fork of it. It
has an environment, a folder, standard streams and a session of its own, like one that ``subprocess`` starts. No module of ours
is imported beforehand: each process gets those that its path leads to.
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
"""What takes seconds to import."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*HEAVY, __name__])


class WarmProcess:
    """A fork of the fork server, with the part of ``subprocess.Popen`` that our code uses.

    Args:
        function: what to call, as ``module:name`` or ``module:name.attribute``.
        arguments: of that function.
        environment: of the process; ``None`` for a copy of ours.
        folder: its working directory; ``None`` for ours.
        path: a folder to import from before all others.
        output: file that gets its standard output and error; ``None`` for a pipe, ``stdout``, and for our own standard error.
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
        """Return the exit code, ``None`` while it runs."""
        return self._process.exitcode

    def wait(self, timeout=None):
        """Wait until it has ended, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it has not after ``timeout`` seconds.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout)
        for stream in (self.stdin, self.stdout):
            if stream is not None:
                stream.close()
        return self._process.exitcode

    def kill(self):
        """End it at once."""
        self._process.kill()


def _begin(function, arguments, facts, streams):
    """Be the process."""
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
