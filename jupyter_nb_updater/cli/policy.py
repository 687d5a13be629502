"""``jupyter nb-updater policy``: checks a document before it is published, and shows which policy is in force here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from traitlets import List, Unicode

from ..advice.adviser import Adviser
from ..instance.aws import Aws
from ..instance.metadata import InstanceMetadata, NotANotebookInstance
from ..journal import Journal
from ..org_policy.document import Document, MinSerial, check_admissible
from ..org_policy.manager import PolicyManager
from ..org_policy.parse import parse_document
from ..util.clock import utcnow
from .base import Command, CommandGroup, ExitCode
from .policy_base import DocumentCommand, policy_lines
from .policy_simulate import SimulateApp

NO_DOCUMENT = {
    "default": "AWS's own advice: no document, nothing configured",
    "configured": "what is configured here: no document",
}


class CheckApp(DocumentCommand):
    """Checks a document as an instance would, and lists all its problems."""

    name = "jupyter-nb-updater-policy-check"
    description = (
        "Would this document be taken? Says everything that is wrong with it, with its place. "
        "Exit code 0: it would, 4: it would not."
    )
    examples = "jupyter nb-updater policy check organization.json --previous published.json --key public.pem"
    previous = Unicode("", help="A file with the one that is in force: the serial may not go back.").tag(config=True)
    keys = List(Unicode(), help="A pinned key, which must have signed it; once for each. A KMS key or a PEM file.").tag(
        config=True
    )
    aliases = {**Command.aliases, "previous": "CheckApp.previous", "key": "CheckApp.keys"}

    def act(self) -> ExitCode:
        """Fetch the document and check it."""
        document, signed_by = asyncio.run(self._fetch())
        newest = None
        if self.previous:
            try:
                before = parse_document(Path(self.previous).read_bytes())
            except OSError as error:
                self.error(f"--previous: {self.previous}: {error.strerror}")
                return ExitCode.USAGE
            newest = MinSerial(before.serial, before.digest)
        check_admissible(document, utcnow(), newest)
        content = {"organization": document.origin.organization, "serial": document.serial, "digest": document.digest}
        signed = f"signed by {signed_by}" if signed_by else "whether it is signed was not asked: no --key"
        self.report(
            {**content, "signed": signed_by, "policy": document.policy.to_json()},
            [f"{self.document}: it would be taken", *(f"  {line}" for line in policy_lines(document.policy)), f"  {signed}"],
        )
        return ExitCode.CURRENT

    async def _fetch(self) -> tuple[Document, str | None]:
        fetcher = self.fetcher(self.keys)
        try:
            found, signatures = await fetcher.fetch()
            document = parse_document(found.content or b"")
            return document, await fetcher.verify(found.content or b"", signatures)
        finally:
            fetcher.close()


class ShowApp(Command):
    """Shows the policy in force and its origin. Reads what the server has kept, and asks nobody."""

    name = "jupyter-nb-updater-policy-show"
    description = "Which policy is in force on this instance, and where does it come from? Exit code 3: no notebook instance."
    classes = [InstanceMetadata, Journal, Adviser, Aws, PolicyManager]

    def run(self) -> ExitCode:
        """Print the policy in force."""
        try:
            identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            self.report({"code": error.code, "reason": str(error)}, [f"This is no SageMaker notebook instance: {error}"])
            return ExitCode.UNKNOWN
        policies = PolicyManager(Journal(parent=self), identity.region, writes=False, parent=self)
        try:
            listing = asyncio.run(policies.load(utcnow()))
        finally:
            policies.close()
        policy = Adviser(parent=self).policy_in_force(policies.policy)
        content = {
            "location": policies.url or None,
            "policy": policy.to_json(),
            "advisories": [item.advisory.to_json() for item in listing.advisories],
        }
        lines = [f"In force: {NO_DOCUMENT.get(policy.origin.kind, policy.origin.organization)}", *policy_lines(policy)]
        if policies.is_configured and not listing.in_force:
            lines.insert(
                1,
                f"the document at {policies.url} is not in force: {(listing.evidence or {}).get('detail', 'not seen yet')}",
            )
        self.report(content, ["\n  ".join(lines)])
        return ExitCode.CURRENT


class PolicyApp(CommandGroup):
    """Groups the commands about the organization's document."""

    name = "jupyter-nb-updater-policy"
    description = "The document by which an organization says what it wants of its notebook instances."
    subcommands = {
        "check": (CheckApp, "Would it be taken? Everything that is wrong with it."),
        "show": (ShowApp, "What is in force on this instance, and where it comes from."),
        "simulate": (SimulateApp, "What an instance would be told, over time."),
    }
