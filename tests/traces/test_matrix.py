"""Every fault in every phase ends running and saved, or back, or with an alarm and a journal that say that it is not."""

import logging

import pytest

from .matrix import FAULTS, PHASES, cell


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    """Disable logging, because more than a hundred restarts log a lot."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_any_phase_leaves_nothing_down_lost_or_armed(fault, phase):
    _, wrongs = cell(fault, phase)
    assert wrongs == []
