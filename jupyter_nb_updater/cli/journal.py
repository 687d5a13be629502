"""``jupyter nb-updater journal``: prints the records of all restarts."""

from __future__ import annotations

from typing import Any

from ..journal import Journal
from .base import Command, ExitCode

PLAIN_FACTS = ("by", "when", "reason", "until", "return_path", "machine", "return", "outcome", "request_id", "version")
"""Names of facts that are printed as they are."""


class JournalApp(Command):
    """Prints the journal on the volume; no server needs to run."""

    name = "jupyter-nb-updater-journal"
    description = "Every record of the journal, oldest first."
    classes = [Journal]

    def run(self) -> ExitCode:
        """Print all records."""
        journal = Journal(parent=self)
        records = journal.records()
        self.report(records, [_line(record) for record in records] or [f"Nothing is recorded in {journal.path}."])
        return ExitCode.CURRENT


def _line(record: dict[str, Any]) -> str:
    try:
        facts = _facts(record)
    except (AttributeError, KeyError, TypeError, ValueError):  # somebody else's line: `--json` shows it as it is
        facts = "(facts that are not ours)"
    return f"{record.get('time')}  {record.get('restart') or '-'!s:<25}  {record['event']:<12}  {facts}".rstrip()


def _facts(record: dict[str, Any]) -> str:
    facts = [f"{finding['code']}: {finding['subject']}" for finding in record.get("findings") or ()]
    facts += [f"{document['outcome']}: {document['path']}" for document in record.get("documents") or ()]
    facts += [f"loses {loss['name']} ({loss['kind']}, {loss['consent']})" for loss in record.get("lost") or ()]
    facts += [f"{package['state']}: {package['name']} {package['version']}" for package in record.get("packages") or ()]
    facts += [f"{name.replace('_', ' ')} {record[name]}" for name in PLAIN_FACTS if record.get(name)]
    if record["event"] == "session-restored":
        facts += [f"restored {count} {kind}" for kind, count in record["restored"].items()]
        facts += [f"not restored {gone['count']} {gone['kind']}: {gone['code']}" for gone in record["not_restored"]]
    if record["event"] == "dotfiles-chosen":
        facts.append(f"keeps {', '.join(record['files']) or 'no files'}")
    if limits := record.get("policy"):
        facts.append(f"limits {', '.join(f'{name} {days:g}' for name, days in limits.items())}")
    if advice := record.get("advice"):
        facts.append(f"was {advice['level']} ({', '.join(signal['code'] for signal in advice['signals'])})")
    return "; ".join(facts)
