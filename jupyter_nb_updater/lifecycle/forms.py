"""What we put into lifecycle configurations, in its forms. A stand-in until the script has its own block."""

from __future__ import annotations

from dataclasses import dataclass

from .._version import __version__
from .merge import Forms
from .render import render as _render


@dataclass(frozen=True)
class Script:
    wheel: str
    sha256: str = ""
    home: str = "/home/ec2-user"
    configuration: str = ""


def block(script: Script, *, short: bool = False) -> str:
    begin, end = f"# >>> jupyter-nb-updater {__version__} >>>", "# <<< jupyter-nb-updater <<<"
    if short:
        return f"{begin}\n( true ) </dev/null >/dev/null 2>&1 &\n{end}\n"
    inner = _render(script.wheel, script.sha256, script.home).partition("\n")[2]
    return f"{begin}\n( setsid bash -c 'while kill -0 {'$$'} 2>/dev/null; do sleep 0.1; done; bash -s' <<'NBU' >/dev/null 2>&1 & )\n{inner}NBU\n{end}\n"


def render(script: Script) -> str:
    return "#!/bin/bash\n" + block(script) + "exit 0\n"


def forms(script: Script) -> Forms:
    """Of one script."""
    return Forms(render(script).encode(), block(script).encode(), block(script, short=True).encode())
