"""The folder of a run on the volume, as another program sees and changes it."""

import json
import os
import shutil

from . import content


class Volume:
    """The documents of one run on disk.

    Args:
        root: root of the volume.
        plan: plan of the run.
    """

    def __init__(self, root, plan):
        self._root, self._plan = root, plan
        self.folder = root / plan.folder
        self.foreign, self.excused, self.moved = set(), set(), {}

    def lay(self):
        """Write the initial content of every document."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for document in self._plan.documents:
            (self.folder / document.name).write_bytes(content.first(document.kind, document.form))

    def tokens(self):
        """Return the tokens in every file of the run, by path."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
        return {str(path.relative_to(self._root)): content.tokens(path.read_bytes()) for path in files}

    def change(self, number, how, mark):
        """Change a document like another program; do nothing if it no longer exists."""
        document = self._plan.documents[number]
        path = self.folder / document.name
        if not path.exists():
            return
        before = path.read_bytes()
        if how in {"replace", "delete"}:
            gone = content.tokens(before)
            self.excused |= gone
            self.foreign -= gone
        if how == "grow":
            path.write_bytes(content.grown(document.kind, before, mark))
        elif how == "replace":
            path.write_bytes(content.replaced(document.kind, mark))
        elif how == "delete":
            path.unlink()
        elif how == "rename":
            target = path.with_name(f"moved {document.name}")
            path.rename(target)
            self.moved[self._plan.path(number)] = str(target.relative_to(self._root))
        elif how == "read-only":
            path.chmod(0o444)
        if mark:
            self.foreign.add(mark)

    def remove(self):
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


class JournalFile:
    """The product's journal on disk, which records each step before its effect.

    Args:
        root: root of the volume.
    """

    def __init__(self, root):
        self.path = root / ".nb-updater" / "journal.jsonl"

    def last(self):
        """Return the last record."""
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        return json.loads(lines[-1]) if lines else {"event": "", "findings": []}

    def empty(self):
        """Empty the journal, which thousands of runs would fill."""
        if self.path.exists():
            os.truncate(self.path, 0)
