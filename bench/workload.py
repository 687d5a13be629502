"""The documents of a busy data scientist: a hundred, thirty of them notebooks of about 300 KB."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

LARGE, SMALL, TEXTS = 30, 20, 50
LARGE_BYTES = 300_000
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

EMPTY = json.dumps({"cells": [], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5})


def write(volume: Path) -> tuple[list[str], list[str]]:
    """Write the documents; return the paths of the large notebooks, and of all others."""
    chance = random.Random(3)  # the same documents in every run
    (volume / "work").mkdir()
    large = [f"work/analysis {number:02}.ipynb" for number in range(LARGE)]
    small = [f"work/trial {number:02}.ipynb" for number in range(SMALL)]
    texts = [f"work/module_{number:02}.py" for number in range(TEXTS)]
    for path in large:
        (volume / path).write_text(notebook(chance, LARGE_BYTES), "utf-8")
    for path in small:
        (volume / path).write_text(notebook(chance, LARGE_BYTES // 15), "utf-8")
    for path in texts:
        (volume / path).write_text("".join(f"def f{line}():\n    return {chance.random()}\n" for line in range(100)), "utf-8")
    return large, [*small, *texts]


def notebook(chance: random.Random, size: int) -> str:
    """Return a notebook of about ``size`` bytes: prose, code, tables, printed lines, and some pictures."""
    cells: list[dict[str, object]] = []
    while len(json.dumps(cells)) < size:
        number = len(cells)
        cells.append({"cell_type": "markdown", "id": f"text-{number}", "metadata": {}, "source": f"## Step {number}\n"})
        cells.append(
            {
                "cell_type": "code",
                "id": f"code-{number}",
                "metadata": {"tags": ["keep"]},
                "execution_count": number,
                "source": [f"frame = load({number})\n", "frame.describe()\n", "plot(frame)"],
                "outputs": [printed(chance), table(chance), *([picture(chance)] if number % 4 == 0 else [])],
            }
        )
    return json.dumps({"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def printed(chance: random.Random) -> dict[str, object]:
    """Return an output with forty lines of a log."""
    lines = [f"epoch {epoch:3} loss {chance.random():.6f}\n" for epoch in range(40)]
    return {"output_type": "stream", "name": "stdout", "text": lines}


def table(chance: random.Random) -> dict[str, object]:
    """Return the output of a data frame, as pandas shows it."""
    rows = [[f"{chance.gauss(0, 1):.5f}" for _ in range(8)] for _ in range(10)]
    html = ["<table>\n", *("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows), "</table>"]
    data = {"text/html": html, "text/plain": ["  ".join(row) + "\n" for row in rows]}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def picture(chance: random.Random) -> dict[str, object]:
    """Return the output of a plot of 24 KB."""
    png = base64.b64encode(chance.randbytes(18_000)).decode()
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": png, "text/plain": ["<Figure size 640x480>"]}}
