"""Phrases for the codes that a terminal shows: findings, signals, losses, packages, restored files. JSON keeps the codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

LEVELS = {
    "current": "up to date",
    "advised": "restart recommended",
    "due": "restart due",
    "overdue": "restart overdue",
    "unknown": "update status unknown",
}

SOURCE_NAMES = {
    "age": "time since the last start",
    "maintenance": "maintenance by AWS",
    "platform": "platform",
    "os_release": "operating system packages",
    "fleet": "your other instances",
    "organization": "organization policy",
    "health": "AWS Health",
}
SIGNALS = {
    "age-fresh": "started recently",
    "age-over-advised": "running longer than recommended",
    "age-over-interval": "running longer than the maximum interval",
    "age-clock-implausible": "the clock and the boot time disagree",
    "maintenance-none": "no AWS maintenance is pending",
    "maintenance-pending": "AWS maintenance is pending",
    "maintenance-running": "AWS maintenance is running",
    "platform-current": "the platform is the newest",
    "platform-newer": "a newer platform is available",
    "platform-ends": "AWS support for the platform ends soon",
    "platform-ended": "AWS support for the platform has ended",
    "platform-not-known": "the platform is unknown",
    "os-newest": "no newer operating system packages",
    "os-newer": "newer operating system packages are available",
    "os-advisories": "security advisories for the operating system",
    "os-no-dnf": "dnf is not installed",
    "fleet-newest": "no other instance has newer software",
    "fleet-newer": "another instance has newer software",
    "fleet-alone": "no other instance of this platform has reported yet",
    "organization-nothing": "the organization policy has no advisory for this instance",
    "organization-advisories": "the organization policy has advisories for this instance",
    "organization-undecided": "cannot decide whether an advisory applies to this instance",
    "organization-no-document": "the organization policy could not be read",
    "health-nothing": "AWS Health has nothing scheduled",
    "health-scheduled": "AWS Health has an event scheduled",
    "health-no-plan": "AWS Health needs another support plan",
}

COMPONENTS = {
    "os_release": "",  # its version has the name
    "python": "Python",
    "jupyterlab": "JupyterLab",
    "notebook": "Notebook",
    "jupyter_server": "Jupyter Server",
}
"""Names of software, where they differ from those of the packages."""

PLAN_STEPS = {
    "advised": "recommended",
    "due": "due",
    "deadline": "deadline",
    "required": "automatic restart",
    "hold-ends": "hold ends",
    "aws-interval": "AWS may restart it",
}
"""What happens if nobody does anything."""

FINDINGS = {
    "document-rescued": ("{subject} changed on disk. Your version is saved as {detail}.", "Try again to restart with that."),
    "unsaved-widgets": ("Unsaved changes outside documents: {detail}.", "Save or undo them in the browser, then try again."),
    "volume-not-synced": ("The disk did not confirm the write ({subject}: {detail}).", "Try again, or copy your work away."),
    "busy-not-confirmed": ("{subject} is busy and would be lost.", "Confirm it, or restart when idle."),
    "losses-not-confirmed": ("{subject} was started after the list was shown, and would be lost.", "Try again to see it."),
    "held": ("{subject} placed a hold on this instance ({detail}).", "Ask them, wait, or confirm the hold."),
    "tab-silent": ("A browser tab did not answer ({subject}: {detail}).", "Save in that tab, then close or reload it."),
    "tab-gone": ("A browser tab closed with unsaved changes ({subject}: {detail}).", "Reopen that page, or confirm its loss."),
    "session-not-reported": ("{subject} is open in a page that did not report it.", "Close it there, or reload that page."),
    "not-in-service": ("The status of the instance is {subject}.", "Wait until it is InService, then try again."),
    "platform-not-restartable": (
        "AWS no longer starts an instance of the platform {subject} after a stop.",
        "Ask your administrator to migrate the instance, or to allow restarts to do so.",
    ),
    "migration-not-confirmed": (
        "AWS no longer starts this instance on {detail}: a restart migrates it to {subject}.",
        "Confirm the migration, or ask your administrator.",
    ),
    "instance-type-not-supported": (
        "A restart would migrate this instance to {detail}, which does not run on {subject}.",
        "Ask your administrator for another instance type.",
    ),
    "lifecycle-config-missing": (
        "The lifecycle configuration {subject} does not exist: the next start would fail.",
        "Ask your administrator to create it or to attach another one.",
    ),
    "restarted-recently": (
        "The instance restarted at {subject}; an automatic restart so soon is blocked.",
        "Restart it now, or schedule a later restart.",
    ),
    "return-path-missing": (
        "Nothing is set up to start the instance again ({subject}).",
        "Run `jupyter nb-updater doctor` to see why, or ask your administrator.",
    ),
    "access-denied": ("The IAM role lacks {action}.", "Ask your administrator for that permission."),
    "wrong-state": ("AWS refused {subject}: the instance is in another state. {detail}", "Try again in a minute."),
    "throttled": ("AWS throttled {subject}.", "Try again in a minute."),
    "unreachable": ("AWS did not answer {subject}. {detail}", "Check the network of this instance, then try again."),
    "not-found": ("AWS did not find what {subject} needs. {detail}", "Ask your administrator."),
    "conflict": ("AWS refused {subject}: something changed at the same time. {detail}", "Try again in a minute."),
    "aws-error": ("AWS refused {subject}. {detail}", "Try again in a minute."),
    "journal-not-written": ("The journal could not be written ({subject}: {detail}).", "Free space, then try again."),
    "timeout": ("The step “{subject}” took too long.", "Try again."),
    "interrupted": ("The Jupyter server was restarted during the step “{subject}”.", "Try again."),
    "stop-not-carried-out": ("AWS accepted the stop, but the status is still {subject}.", "Wait a minute, then try again."),
    "unexpected": ("The step “{subject}” failed: {detail}", "The log of the Jupyter server has more."),
}
"""What is in the way of a restart, and the next step. ``{action}`` is an IAM action."""

DOCUMENTS = {
    "conflict": ("{subject} changed on disk.", "Reload it, or save your version under another name."),
    "overwritten": ("{subject} was saved by two tabs at once.", "Try again: the overwritten version is then saved beside it."),
    "deleted": ("{subject} is open, but no longer on disk.", "Save it, or close it."),
    "folder": ("{subject} could not be saved: its folder is gone.", "Save it elsewhere, or create the folder again."),
    "read-only": ("{subject} has unsaved changes, but is read-only.", "Save it under another name."),
    "timeout": ("{subject} could not be saved in time.", "Save it in the browser, then try again."),
    "unverified": ("{subject} was saved, but the file has other content.", "Save it under another name, then try again."),
    "failed": ("{subject} could not be saved: {reason}.", "Free space on the volume, or save it elsewhere."),
}
"""Why a document is not saved."""

DOCUMENT_DETAIL = re.compile(r"^([a-z-]*)[\s:,]*(.*)", re.DOTALL)
"""The detail of such a finding: the outcome of the document, then the reason that its tab or the server has reported."""

OUTCOMES = {
    "clean": "unchanged",
    "saved": "saved",
    "rescued": "saved as a copy",
    "read-only": "read-only",
    "failed": "not saved",
    "timeout": "not saved in time",
    "unverified": "saved, but with other content on disk",
    "silent": "unknown, its tab did not answer",
    "gone": "unknown, its tab lost the connection",
}
"""What became of a document."""

RESULTS = {
    "updated": "restarted, with updates",
    "unchanged": "restarted, no update found",
    "failed-to-return": "did not start again automatically",
}
"""How a restart ended."""

NOT_RESTORED = {
    "folder-gone": "the folder does not exist; the terminal opened in the nearest parent folder",
    "no-terminals": "terminals are disabled on this server",
    "not-opened": "the terminal could not be opened; the log of the Jupyter server says why",
    "exists": "an existing one was kept",
    "too-large": "larger than the limit",
    "too-many": "more than the limit",
    "secret": "credentials are never saved",
    "not-plain": "not a regular file",
    "broken": "the saved copy is damaged",
    "not-readable": "permission denied on reading",
    "not-written": "could not be written to the disk",
    "unknown-format": "saved by another version",
    "failed": "an internal error; the log of the Jupyter server says more",
    "other-server": "another Jupyter server of this volume saves the session; change it there",
}
"""Why something was not restored, or a choice could not be saved."""

PACKAGE_STATES = {
    "available": "can be reinstalled",
    "queued": "queued",
    "running": "being reinstalled",
    "reinstalled": "reinstalled",
    "already-installed": "already installed",
    "failed": "not reinstalled",
}

PACKAGE_ERRORS = {
    "pip": "pip reported: {detail}",
    "timeout": "pip took longer than {detail} seconds",
    "incomplete": "pip succeeded, but the package is missing",
    "conda": "installed by conda; run `{detail}`",
    "origin-not-allowed": "installed from a URL or a folder, which Candidates.allow_origins does not allow",
    "path-gone": "installed from {detail}, which does not exist",
    "environment-gone": "the environment {detail} does not exist",
    "no-python": "the environment {detail} has no Python",
    "system-environment": "the environment of Jupyter itself is not changed",
}
"""Why a package is not reinstalled."""


def person_name(name: str, *, verified: bool) -> str:
    """Return how a terminal names a person.

    Args:
        name: name of the person; empty if nobody gave one.
        verified: whether a login says that this is the person.
    """
    return (name if verified else f"{name} (not verified)") if name else "an unnamed user"


def describe_finding(finding: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is in the way of a restart, and the next step.

    Args:
        finding: of the state document or the journal.
    """
    code, subject, detail = (str(finding.get(name) or "") for name in ("code", "subject", "detail"))
    text, todo = FINDINGS.get(code, ("Something went wrong ({subject}).", "The log of the Jupyter server has more."))
    reason = ""
    if code in {"document-not-saved", "room-not-saved"}:
        outcome, reason = DOCUMENT_DETAIL.findall(detail)[0]
        text, todo = DOCUMENTS.get(reason.partition(":")[0]) or DOCUMENTS.get(outcome) or DOCUMENTS["failed"]
    fields = {"subject": subject or "something", "detail": detail or "no details", "action": finding.get("action") or subject}
    return text.format_map(fields | {"reason": reason or "the reason is unknown"}).rstrip(), todo


def describe_signal(code: str) -> str:
    """Return what a source found.

    Args:
        code: of the signal. A source that is not ours has codes of its own, which are shown as they are.
    """
    if code.endswith("-unreachable"):
        return "could not be reached"
    return "did not answer in time" if code.endswith("-timeout") else SIGNALS.get(code, code)


def describe_reason(reason: str, signals: Iterable[Mapping[str, Any]]) -> str:
    """Return why a restart is recommended.

    Args:
        reason: id of the reason: the name of a source, then of an advisory or whatever else it is about.
        signals: of the advice, as JSON.
    """
    source, _, subject = reason.partition(":")
    signal: Mapping[str, Any] = next((one for one in signals if one["name"] == source), {})
    phrase = describe_signal(signal["code"]) if signal else SOURCE_NAMES.get(source, source)
    severity = next((one["severity"] for one in signal.get("advisories", ()) if one["id"] == subject), "")
    is_advisory = subject in {one["id"] for one in signal.get("advisories", ())}
    return f"{phrase}: {', '.join(filter(None, (subject, severity)))}" if is_advisory else phrase


def describe_package(package: Mapping[str, Any]) -> str:
    """Return the state of a package, and why it was not reinstalled.

    Args:
        package: of the state document.
    """
    state = PACKAGE_STATES.get(package["state"], package["state"])
    error = PACKAGE_ERRORS.get(package["code"] or "", package["code"] or "").format(detail=package["detail"])
    return f"{state}: {error}" if error else state
