"""``jupyter nb-updater policy``: checks a policy document, and shows the policy in force on this instance."""

from __future__ import annotations

import asyncio
from pathlib import Path

from traitlets import List, Unicode

from ..advice.adviser import Adviser
from ..instance.aws import Aws
from ..instance.metadata import InstanceMetadata, NotANotebookInstance
from ..journal import Journal
from ..org_policy.document import Document, MinSerial, check_admissible, check_audience
from ..org_policy.manager import PolicyManager
from ..org_policy.parse import parse_document
from ..util.clock import utcnow
from .base import Command, CommandGroup, ExitCode, not_an_instance
from .policy_base import DocumentCommand, policy_lines
from .policy_simulate import SimulateApp

NO_DOCUMENT = {
    "default": "AWS recommendation (no policy configured)",
    "configured": "local configuration (no policy document)",
}


class CheckApp(DocumentCommand):
    """Checks a policy document as an instance would, and lists all its problems."""

    name = "jupyter-nb-updater-policy-check"
    description = """Check a policy document as an instance would, and list every problem with its place in the document.

    DOCUMENT is a file, or an address https://…, s3://… or file://….
    """
    exit_codes = "0: an instance would accept the document, 4: it would reject it."
    examples = """jupyter nb-updater policy check organization.json
    jupyter nb-updater policy check organization.json --previous published.json --key public.pem"""
    previous = Unicode("", help="The document in force, a file: the new one needs a higher serial.").tag(
        config=True, placeholder="FILE"
    )
    keys = List(
        Unicode(),
        help="A key that must have signed the document: the ARN of a KMS key, or a PEM file. May be repeated; one of them is "
        "enough.",
    ).tag(config=True)
    audience = Unicode("", help="Name of the instances that it is for, as in their `PolicyManager.audience`.").tag(
        config=True, placeholder="NAME"
    )
    aliases = {**Command.aliases, **{name: f"CheckApp.{name}" for name in ("previous", "audience")}, "key": "CheckApp.keys"}

    def act(self) -> ExitCode:
        """Fetch the document and check it."""
        document, signed_by = asyncio.run(self._fetch())
        newest = None
        if self.previous:
            try:
                before = parse_document(Path(self.previous).read_bytes())
            except OSError as error:
                self.error(f"--previous: cannot read {self.previous}: {error.strerror}.")
                return ExitCode.USAGE
            newest = MinSerial(before.serial, before.digest)
        if self.audience:
            check_audience(document, self.audience)
        check_admissible(document, utcnow(), newest)
        content = {"organization": document.origin.organization, "serial": document.serial, "digest": document.digest}
        audience = sorted(document.audience)
        notes = [f"signed by {signed_by}" if signed_by else "signature not checked: no --key given"]
        if document.policy.mode == "require" and not signed_by:
            notes.append("instances accept a document that requires restarts only with a signature")
        if audience and not self.audience:
            notes.append(f"only for instances with this PolicyManager.audience: {', '.join(audience)}")
        self.report(
            {**content, "audience": audience, "signed": signed_by, "policy": document.policy.to_json()},
            [f"{self.document}: valid", *(f"  {line}" for line in (*policy_lines(document.policy), *notes))],
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
    """Shows the policy in force and its origin, from the copy that the server has saved. Makes no requests."""

    name = "jupyter-nb-updater-policy-show"
    description = "Show the policy in force on this instance, and its origin. Makes no requests."
    exit_codes = "0: done, 3: not a notebook instance."
    examples = "jupyter nb-updater policy show"
    classes = [InstanceMetadata, Journal, Adviser, Aws, PolicyManager]

    def run(self) -> ExitCode:
        """Print the policy in force."""
        try:
            identity = InstanceMetadata(parent=self).read()
        except NotANotebookInstance as error:
            self.report({"code": error.code, "reason": str(error)}, [not_an_instance(error)])
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
        lines = policy_lines(policy)
        if policies.is_configured and not listing.in_force:
            problem = (listing.evidence or {}).get("detail") or "not fetched yet"
            lines.insert(0, f"The document at {policies.url} is not in force: {problem}")
        in_force = NO_DOCUMENT.get(policy.origin.kind, policy.origin.organization)
        self.report(content, [f"In force: {in_force}", *(f"  {line}" for line in lines)])
        return ExitCode.CURRENT


class PolicyApp(CommandGroup):
    """Has the commands about policy documents."""

    name = "jupyter-nb-updater-policy"
    description = "Check, show or simulate an organization policy: the document with deadlines and restart windows."
    subcommands = {
        "check": (CheckApp, "Check a policy document, and list every problem."),
        "show": (ShowApp, "Show the policy in force on this instance, and its origin."),
        "simulate": (SimulateApp, "Show when a policy would recommend or require a restart."),
    }
