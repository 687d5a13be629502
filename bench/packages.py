"""Compare finding installed packages with ``pip freeze`` for the same environments.

There are ten environments with 500 packages each, which both pip and conda list, as in an image. Measured are the baseline
after
a boot, including writing it, and a scan that finds what was installed since, each in time and in memory. ``pip freeze`` runs
with the Python of each environment. Prints all figures and the ratio; exits with 1 if a limit is exceeded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from jupyter_nb_updater.packages.added import AddedPackages
from jupyter_nb_updater.packages.environments import Environments
from jupyter_nb_updater.util.clock import SystemClock

if TYPE_CHECKING:
    from jupyter_nb_updater.instance.context import InstanceContext

ENVIRONMENTS, PACKAGES, ROUNDS = 10, 500, 5
LIMIT_SECONDS, LIMIT_MEGABYTES, LIMIT_RATIO = 1.0, 5.0, 50.0
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


class Specs:
    """Kernel specifications without any kernel."""

    def get_all_specs(self) -> dict[str, Any]:
        """Return no kernels."""
        return {}


def lay(root: Path, environments: int, packages: int) -> list[Path]:
    """Create the environments: real Pythons, and the metadata of packages that are not installed."""
    found = []
    for number in range(environments):
        path = root / "anaconda3" / "envs" / f"environment{number}"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
        for package in range(packages):
            add(path, f"package_{package:03}", f"1.{number}.{package}")
        found.append(path)
    return found


def add(environment: Path, name: str, version: str) -> None:
    """Add the metadata of one package as conda does."""
    (site,) = environment.glob("lib/python3*/site-packages")
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    for file, text in (("METADATA", METADATA.format(name=name, version=version)), ("INSTALLER", "pip\n"), ("RECORD", "")):
        (info / file).write_text(text, "utf-8")
    meta = environment / "conda-meta"
    meta.mkdir(exist_ok=True)
    (meta / f"{name.replace('_', '-')}-{version}-py311_0.json").write_text("{}", "utf-8")


def measured(work: Callable[[], Any], rounds: int) -> tuple[float, float, Any]:
    """Return the best time in seconds, the highest memory in megabytes, and the result."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    tracemalloc.start()
    work()
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return min(seconds), memory, result


def freeze(environments: list[Path]) -> float:
    """Return the seconds that pip takes for all environments; it must list every package."""
    began = time.perf_counter()
    for path in environments:
        command = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(path / "bin" / "python"),
            "freeze",
            "--disable-pip-version-check",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode or "package_000==" not in done.stdout.replace("-", "_"):
            sys.exit(f"pip freeze: {done.stdout[:300]}{done.stderr}")
    return time.perf_counter() - began


def main(environments: int = ENVIRONMENTS, packages: int = PACKAGES, rounds: int = ROUNDS) -> int:
    """Measure, print and judge."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        paths = lay(root, environments, packages)
        kept = root / "SageMaker" / ".nb-updater" / "packages" / "baseline.json"
        found = Environments(Specs(), root / "SageMaker", folders=[str(root / "anaconda3" / "envs" / "*")])

        context = cast(
            "InstanceContext",
            SimpleNamespace(
                boot_clock=SimpleNamespace(read_id=lambda: "bench"), booted=lambda: None, system_clock=SystemClock()
            ),
        )

        def added() -> AddedPackages:
            return AddedPackages(found, kept, context)

        def take() -> AddedPackages:
            kept.unlink(missing_ok=True)
            taken = added()
            taken.take_baseline()
            return taken

        took, took_memory, scanner = measured(take, rounds)
        for path in paths:
            add(path, "of_the_user", "7.0")
        look, look_memory, looks = measured(scanner.scan, rounds)
        seen = {package.name for at in looks for package in at.packages if at.environment.path in paths}
        again, again_memory, _ = measured(lambda: added().scan(), rounds)
        size = kept.stat().st_size / 1e6
        pip = freeze(paths)
    print(f"baseline   {took * 1e3:8.1f} ms  {took_memory:5.2f} MB, {size:.2f} MB on the volume")
    print(f"difference {look * 1e3:8.1f} ms  {look_memory:5.2f} MB")
    print(f"the same by the next server, which reads the baseline first {again * 1e3:.1f} ms  {again_memory:.2f} MB")
    print(f"pip freeze {pip * 1e3:8.1f} ms, {pip / (took + look):.0f} times as long as both together")
    if seen != {"of-the-user"}:
        print(f"seen was {seen}")
        return 1
    over = took + look > LIMIT_SECONDS or max(took_memory, look_memory, again_memory) > LIMIT_MEGABYTES
    return int(over or pip / (took + look) < LIMIT_RATIO)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--environments", type=int, default=ENVIRONMENTS)
    parser.add_argument("--packages", type=int, default=PACKAGES)
    options = parser.parse_args()
    sys.exit(main(options.environments, options.packages))
