"""Content of documents: their bytes, changes by another program, and the tokens that identify text in both.

A token is a unique mark: finding it proves that the text that was written with it is there.
"""

import json
import re

TOKEN = re.compile(r"T\d+x\d+E")
LARGE_BYTES = 300 * 1024
LONG_LINE = "some words of a line of work, " * 8 + "\n"

NOTEBOOK_FORMS = ("4.5", "4.4", "4.3", "4.2", "4.1", "4.0", "3", "large")
TEXT_FORMS = ("plain", "empty", "crlf", "bom", "large", "no-newline", "korean")


def token(seed, number):
    """Return the token with this number in a run."""
    return f"T{seed}x{number}E"


def tokens(text):
    """Return all tokens in a text or in bytes."""
    return set(TOKEN.findall(text if isinstance(text, str) else text.decode("utf-8", "replace")))


def first(kind, form):
    """Return the initial content of a document."""
    if kind == "notebook":
        return _notebook(form).encode()
    line = {"csv": "name,value\n", "markdown": "# Title\n\n"}.get(kind, "a line\n")
    texts = {
        "empty": b"",
        "crlf": (line * 3).replace("\n", "\r\n").encode(),
        "bom": b"\xef\xbb\xbf" + line.encode(),
        "large": (LONG_LINE * (LARGE_BYTES // len(LONG_LINE))).encode(),
        "no-newline": line.rstrip("\n").encode(),
        "korean": f"{line}한글 문서\n".encode(),
    }
    return texts.get(form, line.encode())


def grown(kind, content, mark):
    """Return the content after another program has added to it."""
    if kind != "notebook":
        return content + f"\nadded by another program {mark}\n".encode()
    notebook = json.loads(content)
    cells = notebook["worksheets"][0]["cells"] if "worksheets" in notebook else notebook["cells"]
    cells.append({"cell_type": "markdown", "metadata": {}, "source": [f"added by another program {mark}"]})
    if notebook.get("nbformat_minor", 0) >= 5 and notebook["nbformat"] == 4:
        cells[-1]["id"] = mark
    return json.dumps(notebook).encode()


def replaced(kind, mark):
    """Return the content after another program has replaced it."""
    return grown(kind, first(kind, "4.5" if kind == "notebook" else "plain"), mark)


def _notebook(form):
    if form == "3":
        cell = {
            "cell_type": "code",
            "collapsed": False,
            "input": ["1 + 1"],
            "language": "python",
            "metadata": {},
            "outputs": [],
        }
        sheet = {"cells": [cell], "metadata": {}}
        return json.dumps({"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]})
    minor = 5 if form == "large" else int(form.partition(".")[2])
    cells = [_cell(number, minor) for number in range(2)]
    if form == "large":
        lines = [f"{number}: some output of a long calculation\n" for number in range(LARGE_BYTES // 40)]
        cells[0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
        cells[0]["execution_count"] = 1
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": minor}, indent=1)


def _cell(number, minor):
    cell = {"cell_type": "code", "metadata": {}, "source": [f"{number} + 1"], "outputs": [], "execution_count": None}
    return cell | ({"id": f"cell-{number}"} if minor >= 5 else {})
