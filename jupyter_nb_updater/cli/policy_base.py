"""What the commands about a policy document share: its URL, how it is fetched, and how it is printed."""

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
from .base import Command, ExitCode


class DocumentCommand(Command):
    """A command about one document that is named on the command line."""

    classes = [Aws, PolicyManager]
    document = ""

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Take the argument that is no option as the document."""
        super().parse_command_line(argv)
        if self.extra_args:
            self.document, *self.extra_args = self.extra_args

    def run(self) -> ExitCode:
        """Run the command; a document that is rejected is a failure."""
        if not self.document:
            self.error("which document? Name a file, or https://…, s3://… or file://…")
            return ExitCode.USAGE
        try:
            return self.act()
        except PolicyRejected as rejection:
            content = {"code": rejection.code, "message": str(rejection), "problems": list(rejection.problems)}
            problems = rejection.problems or [str(rejection)]
            self.report(content, [f"{self.document}: {rejection.code}", *(f"  {problem}" for problem in problems)])
            return ExitCode.FAILED

    @abstractmethod
    def act(self) -> ExitCode:
        """Do what the command is for, with the document."""

    def fetcher(self, keys: Sequence[str] = ()) -> DocumentFetcher:
        """Return a fetcher for the document, with the limits that instances have.

        Args:
            keys: one of which must have signed it; empty where none needs to.
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
    """Return a policy as lines for a person."""
    origin = policy.origin
    levels = ", ".join(f"{severity} {days:g}" for severity, days in policy.service_levels.items())
    window = policy.window.to_json() if policy.window else None
    lines: list[tuple[str, Any]] = [
        ("organization", origin.organization),
        ("serial", origin.serial),
        ("issued", to_text(origin.issued)),
        ("expires", to_text(origin.expires)),
        ("seen there", to_text(origin.fetched)),
        ("signed", "by a pinned key" if origin.signed else None),
        ("not newer, because", f"{origin.problem}: {origin.detail}" if origin.problem else None),
        ("message", origin.message),
        ("contact", origin.contact),
        ("advised", f"from {policy.advised_days:g} days on, at most {policy.interval_days:g}"),
        ("notice", f"{policy.notice_days:g} days, and {policy.grace_hours:g} hours from the first display"),
        ("advisories", f"{levels} days" if levels else None),
        ("mode", policy.mode),
        ("window", f"{' '.join(window['days'])} {window['from']} to {window['to']} {window['timezone']}" if window else None),
        ("held", f"by {', '.join(policy.holders) or 'nobody'}, {policy.hold_days:g} days at most"),
    ]
    return [f"{name:<20}{value}" for name, value in lines if value not in {None, ""}]
