"""Every fault in every phase: up and saved, or back, or the alarm and the journal say that it is not."""

import logging

import pytest

from .matrix import FAULTS, PHASES, cell


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    """More than a hundred restarts say a lot."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_any_phase_leaves_nothing_down_lost_or_armed(fault, phase):
    _, wrongs = cell(fault, phase)
    assert wrongs == []
