"""``jupyter nb-updater journal``: lists the records of all restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..journal import Journal
from ..util.text import plural
from .base import Command, ExitCode
from .phrases import LEVELS, NOT_RESTORED, OUTCOMES, RESULTS, describe_finding, describe_package, describe_signal, person_name

PLAIN_FACTS = {
    "when": "when:",
    "reason": "reason:",
    "until": "until",
    "return_path": "return path:",
    "machine": "machine booted at",
    "request_id": "AWS request",
    "version": "version",
}
"""Facts that are printed as they are, with the words before them."""

EVENTS = {
    "begun": "the wait is over",
    "postponed": "something became busy",
    "cleared": "all checks passed",
    "saved": "all open documents are saved",
    "armed": "a start after the stop is arranged",
    "accepted": "AWS accepted the stop",
    "booted": "the instance started",
    "acknowledged": "the result was read",
    "shown": "the recommendation was displayed",
}
"""What happened, where the name of the event does not say enough."""

RETURNS = {"returned": "started by the return path", "failed-to-return": "not started by the return path"}
CONSENTS = {"named": "confirmed by name", "seen": "confirmed", "unattended": "unattended"}
RUNS = {"done": "finished", "ended": "cancelled", "failed": "failed"}


class JournalApp(Command):
    """Lists the journal on the volume. No server needs to run."""

    name = "jupyter-nb-updater-journal"
    description = "List what happened in each restart, oldest first: who asked for it, what was saved, and how it ended."
    exit_codes = "0: done."
    examples = "jupyter nb-updater journal\njupyter nb-updater journal --json"
    classes = [Journal]

    def run(self) -> ExitCode:
        """Print all records."""
        journal = Journal(parent=self)
        records = journal.records()
        self.report(records, [_line(record) for record in records] or [f"The journal is empty: {journal.path}."])
        return ExitCode.CURRENT


def _line(record: dict[str, Any]) -> str:
    try:
        facts = "; ".join(_facts(record))
    except (AttributeError, KeyError, TypeError, ValueError):  # written by another program: `--json` prints it unchanged
        facts = "(unknown content, see --json)"
    event = record["event"].replace("-", " ")
    return f"{record.get('time')}  {record.get('restart') or '-'!s:<25}  {event:<12}  {facts}".rstrip()


def _facts(record: dict[str, Any]) -> Iterator[str]:
    if phrase := EVENTS.get(record["event"]):
        yield phrase
    yield from (describe_finding(finding)[0].rstrip(".") for finding in record.get("findings") or ())
    for document in record.get("documents") or ():
        yield f"{document['path']}: {OUTCOMES.get(document['outcome'], document['outcome'])}"
    for loss in record.get("lost") or ():
        yield f"lost: {loss['kind']} {loss['name']} ({CONSENTS.get(loss['consent'], loss['consent'])})"
    for package in record.get("packages") or ():
        yield f"{package['name']} {package['version']}: {describe_package({'detail': '', **package})}"
    if by := record.get("by"):
        yield f"by {person_name(by, verified=record.get('verified') is not False)}"
    yield from (f"{phrase} {record[name]}" for name, phrase in PLAIN_FACTS.items() if record.get(name))
    if ended := record.get("return"):
        yield RETURNS.get(ended, ended)
    if outcome := record.get("outcome"):
        yield {**RESULTS, **RUNS}.get(outcome, outcome)
    yield from _event_facts(record)
    if limits := record.get("policy"):
        recommended, longest = (plural(limits[name], "day") for name in ("advised_days", "interval_days"))
        yield f"policy: restart recommended after {recommended}, at the latest after {longest}"
    if advice := record.get("advice"):
        due = [signal for signal in advice["signals"] if signal.get("state", "due") == "due"]
        reasons = ", ".join(describe_signal(signal["code"]) for signal in due)
        yield f"advice: {LEVELS.get(advice['level'], advice['level'])}{f' ({reasons})' if reasons else ''}"


def _event_facts(record: dict[str, Any]) -> Iterator[str]:
    match record["event"]:
        case "session-restored":
            yield from (f"restored: {count} {kind}" for kind, count in record["restored"].items())
            for gone in record["not_restored"]:
                yield f"not restored: {gone['count']} {gone['kind']} ({NOT_RESTORED.get(gone['code'], gone['code'])})"
        case "dotfiles-chosen":
            yield f"saved: {', '.join(record['files']) or 'no dotfiles'}"
        case "policy-in-force":
            yield f"{record['organization']}, document number {record['serial']}"
        case "policy-rejected":
            yield str(record["detail"])
        case "shown" if record.get("deadline"):
            yield f"deadline {record['deadline']}"
        case "deferred":
            yield f"postponed {plural(record['count'], 'time')}"
