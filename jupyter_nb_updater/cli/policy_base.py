"""Common parts of the commands about a policy document: how it is fetched and printed."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..advice.policy import Policy
from ..instance.aws import Aws
from ..journal import Journal
from ..org_policy.document import PolicyRejected
from ..org_policy.fetch import DocumentFetcher
from ..org_policy.manager import PolicyManager
from ..util.clock import to_text
from ..util.text import plural
from .base import Command, ExitCode

FETCH_CODES = {
    *("bad-url", "not-found", "access-denied", "http-error", "unreachable", "throttled", "aws-error"),
    *("redirect", "too-large", "too-slow", "wrong-type"),
}
"""Codes of documents that could not be read; all others are about the content or the signature."""

MODES = {"advise": "reminders continue; no automatic restart", "require": "automatic restart when idle"}


class DocumentCommand(Command):
    """A command about one document that is named on the command line."""

    classes = [Aws, PolicyManager]
    argument = "DOCUMENT"
    document = ""

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Take the first argument that is not an option as the document.

        Args:
            argv: command line; ``None`` for that of the process.
        """
        super().parse_command_line(argv)
        if self.extra_args:
            self.document, *self.extra_args = self.extra_args

    def run(self) -> ExitCode:
        """Run the command. A rejected document is a failure."""
        if not self.document:
            self.error("No document. Give a file, or an address https://…, s3://… or file://….")
            return ExitCode.USAGE
        try:
            return self.act()
        except PolicyRejected as rejection:
            content = {"code": rejection.code, "message": str(rejection), "problems": list(rejection.problems)}
            problems = rejection.problems or [str(rejection)]
            problem = "could not be fetched" if rejection.code in FETCH_CODES else "rejected"
            self.report(content, [f"{self.document}: {problem}", *(f"  {problem}" for problem in problems)])
            return ExitCode.FAILED

    @abstractmethod
    def act(self) -> ExitCode:
        """Run the command with the document, and return its exit code."""

    def fetcher(self, keys: Sequence[str] = ()) -> DocumentFetcher:
        """Return a fetcher for the document, with the limits that instances have.

        Args:
            keys: one of them must have signed the document; empty for no check.
        """
        limits = PolicyManager(Journal(parent=self), region(), writes=False, parent=self)
        return DocumentFetcher(
            document_url(self.document), keys, limits.max_bytes, limits.timeout_seconds, limits.openssl, region(), self
        )


def document_url(document: str) -> str:
    """Return the URL of a document: a path is turned into one."""
    return document if "://" in document else Path(document).resolve().as_uri()


def region() -> str:
    """Return the configured AWS region; S3 finds a bucket from any region."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def policy_lines(policy: Policy) -> list[str]:
    """Return a policy as rows of a table.

    Args:
        policy: the policy.
    """
    origin = policy.origin
    levels = ", ".join(f"{severity} {plural(days, 'day')}" for severity, days in policy.service_levels.items())
    window = policy.window.to_json() if policy.window else {}
    days = " ".join(window.get("days", ()))
    lines: list[tuple[str, Any]] = [
        ("organization", origin.organization),
        ("document number", origin.serial),
        ("issued", to_text(origin.issued)),
        ("expires", to_text(origin.expires)),
        ("last fetched", to_text(origin.fetched)),
        ("signature", "by a pinned key" if origin.signed else None),
        ("newer one rejected", origin.detail or origin.problem),
        ("message", origin.message),
        ("contact", origin.contact),
        ("recommended", f"after {plural(policy.advised_days, 'day')}, overdue after {plural(policy.interval_days, 'day')}"),
        ("notice", f"{plural(policy.notice_days, 'day')}, and {plural(policy.grace_hours, 'hour')} from the first reminder"),
        ("advisories", levels),
        ("at the deadline", MODES.get(policy.mode, policy.mode)),
        ("restart window", "{days} {from} to {to} {timezone}".format_map(window | {"days": days}) if window else ""),
        ("holds", f"by {_holders(policy.holders)}, at most {plural(policy.hold_days, 'day')}"),
    ]
    return [f"{name:<18}  {value}" for name, value in lines if value not in {None, ""}]


def _holders(names: Sequence[str]) -> str:
    return "anyone" if "*" in names else ", ".join(names) or "nobody"
