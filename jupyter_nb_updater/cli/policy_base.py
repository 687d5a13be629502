"""What the commands about a document share: where it is, how it is got, and how it is told."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..advice.policy import Policy
from ..instance.aws import Aws
from ..journal import Journal
from ..org_policy.errors import PolicyRejected
from ..org_policy.fetch import DocumentFetcher
from ..org_policy.manager import PolicyManager
from ..util.clock import to_text
from .base import Command, ExitCode


class DocumentCommand(Command):
    """Does something with one document that is named on the command line."""

    classes = [Aws, PolicyManager]
    document = ""

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """The word that is no option is the document."""
        super().parse_command_line(argv)
        if self.extra_args:
            self.document, *self.extra_args = self.extra_args

    def run(self) -> ExitCode:
        """It has to be named."""
        if not self.document:
            self.complain("which document? Name a file, or https://…, s3://… or file://…")
            return ExitCode.USAGE
        try:
            return self.act()
        except PolicyRejected as refused:
            told = {"code": refused.code, "message": str(refused), "problems": list(refused.problems)}
            self.report(
                told, [f"{self.document}: {refused.code}", *(f"  {line}" for line in refused.problems or [str(refused)])]
            )
            return ExitCode.FAILED

    @abstractmethod
    def act(self) -> ExitCode:
        """What the command is for."""

    def courier(self, keys: Sequence[str] = ()) -> DocumentFetcher:
        """The way to it, with the bounds that instances have."""
        bounds = PolicyManager(Journal(parent=self), region(), writes=False, parent=self)
        seconds, program = bounds.timeout_seconds, bounds.openssl
        return DocumentFetcher(url(self.document), keys, bounds.max_bytes, seconds, program, region(), self)


def url(document: str) -> str:
    """The place of what was named: a file is a place too."""
    return document if "://" in document else Path(document).resolve().as_uri()


def region() -> str:
    """Of the account's own settings; S3 finds the bucket from any other."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def about(policy: Policy) -> list[str]:
    """A policy for a person, a line each."""
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
