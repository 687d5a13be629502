"""Compare the load time and memory of the extension with ``jupyter_resource_usage`` (about 10 ms and 0.9 MB).

Each measurement is a new process with a Jupyter server that has no extension yet; the two alternate. Prints minimum and median
of each, and the ratio of the minima; exits with 1 if this extension needs more.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PEER, OURS = "jupyter_resource_usage", "jupyter_nb_updater"
LAZY_MODULES = ("boto3", "botocore", "requests", "psutil")
MAX_GZIP_BYTES = 18 * 1024
MAX_TOTAL_GZIP_BYTES = 38 * 1024
LAZY_CHUNK_PREFIX = "dialogs."
"""Prefix of the file that the page loads after it is restored."""
STATIC = Path(__file__).parent.parent / "jupyter_nb_updater" / "labextension" / "static"

CHILD = """
import gc, json, resource, sys, time
from jupyter_server.serverapp import ServerApp
name, lazy, config = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
app = ServerApp(jpserver_extensions={}, allow_root=True, open_browser=False, port=0, log_level=50)
app.initialize([f"--config={config}"], new_httpserver=False)
before = set(sys.modules)
gc.collect()
def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
memory, began = rss(), time.perf_counter()
app.extension_manager.add_extension(name, enabled=True)
app.extension_manager.link_extension(name)
app.extension_manager.load_extension(name)
seconds, memory = time.perf_counter() - began, rss() - memory
extension = app.extension_manager.extensions[name]
assert extension.enabled and (name in app.extension_manager.linked_extensions), name
print(json.dumps({"ms": seconds * 1000, "mb": memory / 1e6, "lazy": sorted((set(sys.modules) - before) & set(lazy))}))
"""


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Measure in a new process."""
    command = [sys.executable, "-c", CHILD, name, json.dumps(LAZY_MODULES), str(folder / "config.json")]
    # Without configuration, or the environment's drop-ins have loaded both before we look; Jupyter leaves a folder for it.
    bare = {**os.environ, "JUPYTER_NO_CONFIG": "1", "TMPDIR": str(folder)}
    bare.pop("PYTHONDONTWRITEBYTECODE", None)  # or what pip has compiled is beside what is compiled anew in each process
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=bare)
    if answer.returncode:
        sys.exit(f"{name} could not be loaded:\n{answer.stderr}")
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def machine(folder: Path) -> None:
    """Create the files that make this machine a notebook instance, so that the extension loads."""
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/bench"
    (folder / "metadata.json").write_text(json.dumps({"ResourceArn": arn, "ResourceName": "bench"}))
    (folder / "config.json").write_text(json.dumps({"InstanceMetadata": {"path": str(folder / "metadata.json")}}))


def main(rounds: int = 9) -> int:
    """Measure, print and judge."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        machine(folder)
        runs: dict[str, list[dict[str, Any]]] = {PEER: [], OURS: []}
        for _ in range(rounds):
            for extension, measured in runs.items():
                measured.append(measure(extension, folder))
    best: dict[str, dict[str, float]] = {}
    for extension, measured in runs.items():
        best[extension] = {}
        for unit in ("ms", "mb"):
            values = [float(run[unit]) for run in measured]
            best[extension][unit] = min(values)
            print(f"{extension:24} {unit}  min {min(values):7.2f}  median {statistics.median(values):7.2f}")
    ratios = {unit: best[OURS][unit] / max(best[PEER][unit], 0.01) for unit in ("ms", "mb")}
    print(f"ratio of the minima       time {ratios['ms']:.2f}  memory {ratios['mb']:.2f}")
    early = sorted({module for run in runs[OURS] for module in run["lazy"]})
    print(f"imported at load          {', '.join(early) or 'none'} of {', '.join(LAZY_MODULES)}")
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in STATIC.glob("*.js")}
    later = sum(size for name, size in sizes.items() if name.startswith(LAZY_CHUNK_PREFIX))
    size = sum(sizes.values()) - later
    print(f"JavaScript, gzipped       {size} bytes of {MAX_GZIP_BYTES} with the page, {later} after it (the dialogs)")
    is_small = size <= MAX_GZIP_BYTES and size + later <= MAX_TOTAL_GZIP_BYTES
    return int(max(ratios.values()) > 1 or bool(early) or not is_small)


if __name__ == "__main__":
    sys.exit(main())
