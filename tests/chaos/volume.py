"""The folder of a run on the volume, as another program sees and changes it."""

import json
import os
import shutil

from . import content


class Volume:
    """The documents of one run on the disk.

    Args:
        root: of the volume.
        plan: whose documents these are.
    """

    def __init__(self, root, plan):
        self._root, self._plan = root, plan
        self.folder = root / plan.folder
        self.foreign, self.excused, self.moved = set(), set(), {}

    def lay(self):
        """Write every document as it is before anyone opens it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for document in self._plan.documents:
            (self.folder / document.name).write_bytes(content.first(document.kind, document.form))

    def tokens(self):
        """Path to the tokens in that file, for every file of the run."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
        return {str(path.relative_to(self._root)): content.tokens(path.read_bytes()) for path in files}

    def change(self, number, how, mark):
        """What another program does to a document; a file that it needs and that is gone is left alone."""
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
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


class JournalFile:
    """The product's journal, read from the disk: it says where a restart stands before anything is done about it.

    Args:
        root: of the volume.
    """

    def __init__(self, root):
        self.path = root / ".nb-updater" / "journal.jsonl"

    def last(self):
        """The last record."""
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        return json.loads(lines[-1]) if lines else {"event": "", "findings": []}

    def empty(self):
        """Thousands of runs would otherwise fill it."""
        if self.path.exists():
            os.truncate(self.path, 0)
