"""Why nothing was stopped: one finding for each thing that is in the way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what findings are made of does I/O; the findings do not
    from ..instance.aws import AwsError
    from ..saving.tab_reports import TabReport


@dataclass(frozen=True)
class Finding:
    """One thing in the way. ``docs/protocol.md`` lists the codes.

    Args:
        code: what kind of thing.
        subject: what it is about: a path, a kernel's name, a tab's page, an operation.
        detail: machine text, shown as it is.
        action: the IAM action that is missing.
    """

    code: str
    subject: str
    detail: str = ""
    action: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """As the state document and the journal carry it."""
        return asdict(self)


def from_aws(error: AwsError) -> Finding:
    """AWS refused, or could not be reached."""
    return Finding(error.code, error.operation, error.message, error.action)


def from_round(answers: Iterable[TabReport]) -> list[Finding]:
    """Everything in a save round that is not proof: law 1, "can't prove it is saved: don't stop"."""
    answers = list(answers)
    findings = _overwritten(answers)
    for answer in answers:
        if answer.outcome == "answered":
            findings += [
                Finding("document-not-saved", document["path"], f"{document['outcome']} {document['detail']}".strip())
                for document in answer.unproven
            ]
            findings += [Finding("document-rescued", document["path"], document["copy"]) for document in answer.rescued]
            if answer.unsaved_widgets:
                findings.append(Finding("unsaved-widgets", answer.tab.page, ", ".join(answer.unsaved_widgets)))
        elif answer.outcome == "silent" or answer.documents:
            paths = ", ".join(document["path"] for document in answer.documents)
            findings.append(Finding(f"tab-{answer.outcome}", answer.tab.page, paths))
    return findings


def _overwritten(answers: Iterable[TabReport]) -> list[Finding]:
    """Tabs that saved one file at the same moment: each has read its own text back, and only one of them is there now."""
    proofs: dict[str, set[str | None]] = {}
    for answer in answers:
        for document in answer.documents:
            if document.get("outcome") == "saved":
                proofs.setdefault(document["path"], set()).add(document.get("proof"))
    return [
        Finding("document-not-saved", path, "failed overwritten: another tab saved over it")
        for path, told in proofs.items()
        if len(told) > 1
    ]
