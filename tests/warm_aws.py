"""An emulated AWS that starts in a tenth of the time, for the folders whose tests start one after the other."""

import pytest

from jupyter_nb_updater.sandbox.aws.client import EmulatedAws

from .warm import WarmProcess


@pytest.fixture(scope="session", autouse=True)
def warm_aws():
    """Start each emulated AWS, a process with an account of its own, as a fork of one that has imported moto already."""

    def spawn(aws):
        return WarmProcess("jupyter_nb_updater.sandbox.aws.api:main", [aws._arguments])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EmulatedAws, "_spawn", spawn)
        yield
