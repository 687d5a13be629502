"""Contexts for signal sources, without a server and without AWS."""

import random
from types import SimpleNamespace

from jupyter_nb_updater.advice.adviser import Adviser
from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.platforms import known
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.signals.base import SourceContext

IDENTITY = Identity("research-1", "eu-west-1", "123456789012", "aws")


class Descriptions:
    """Returns descriptions like AWS, and counts the requests."""

    def __init__(self, description):
        self.description, self.asked = description, 0

    async def describe(self):
        self.asked += 1
        return self.description

    cached = describe


def no_policies(platforms=()):
    """Return the policies of an organization without a document."""
    return SimpleNamespace(is_configured=False, policy=None, platforms=tuple(platforms), outage=None)


def source_context(
    *, identity=IDENTITY, aws=None, platform=None, instance_type=None, booted=None, software=None, policies=None, publish=True
):
    """Return the context of a source on an instance with this platform, software and boot time."""
    description = Description("InService", "arn", platform, instance_type)
    instance = SimpleNamespace(
        identity=identity,
        aws=aws,
        descriptions=Descriptions(description),
        sagemaker=SimpleNamespace(platforms=SimpleNamespace(facts=known((policies or no_policies()).platforms))),
        advice_booted=lambda: booted,
        state={"software": software or {}},
    )
    return SourceContext(instance, Adviser(), policies or no_policies(), publish=publish)


class Always(random.Random):
    """A random number generator with a fixed result."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def random(self):
        return self.number
