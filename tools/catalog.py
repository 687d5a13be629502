"""Write the catalog of the frontend's strings for translators; with ``--check``, only say whether it is up to date.

``make catalog`` runs this. jupyterlab-translate extracts the strings, as it does for JupyterLab's language packs. The catalog
holds no date and no line number, so it changes only when a string does.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import polib
from jupyterlab_translate.utils import extract_schema_strings, extract_tsx_strings

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "jupyter_nb_updater/locale/jupyter_nb_updater.pot"
SOURCES = ("package.json", "schema", "src")
METADATA = {
    "Project-Id-Version": "jupyter_nb_updater",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
}


def extract() -> list[dict[str, Any]]:
    """Return what jupyterlab-translate finds in the sources and in the schemas of the settings."""
    with tempfile.TemporaryDirectory() as folder:  # without node_modules, which the tool would read too
        for name in SOURCES:
            source = ROOT / "labextension" / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, Path(folder, name))
        return [*extract_tsx_strings(folder), *extract_schema_strings(folder)]


def catalog() -> str:
    """Return the text of the catalog, in the order of the sources."""

    def place(entry: dict[str, Any]) -> tuple[str, int]:
        file, line = entry["occurrences"][0]
        return file.lstrip("/"), int(line) if line.isdigit() else 0

    pot = polib.POFile(wrapwidth=100_000)
    pot.header = " Strings of the frontend, for translators. Made by `make catalog`."
    pot.metadata = METADATA
    for entry in sorted(extract(), key=place):
        files = dict.fromkeys(file.lstrip("/") for file, _ in entry["occurrences"])
        pot.append(polib.POEntry(**{**entry, "occurrences": [(file, "") for file in files]}))
    return f"{pot}\n"


def main() -> None:
    """Write or check the catalog."""
    text = catalog()
    if "--check" not in sys.argv:
        CATALOG.parent.mkdir(exist_ok=True)
        CATALOG.write_text(text, "utf-8")
    elif not CATALOG.is_file() or CATALOG.read_text("utf-8") != text:
        sys.exit(f"{CATALOG.relative_to(ROOT)} is out of date: run `make catalog`.")


if __name__ == "__main__":
    main()
