"""May it stop, and does the person know what is lost?"""

import pytest

from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.restart.preflight import examine

KERNEL = {"id": "kernel:1", "kind": "kernel", "name": "train.ipynb"}


def codes(status="InService", proof="verified", losses=(), confirmed=(), *, without_return=False):
    found = examine(Description(status, "arn"), proof, "stack", losses, confirmed, without_return=without_return)
    return [(finding.code, finding.subject) for finding in found]


def test_nothing_speaks_against_it():
    assert codes() == []


@pytest.mark.parametrize("status", ["Pending", "Stopping", "Updating", "PendingMaintenance", "InMaintenance", "SomethingNew"])
def test_only_an_instance_in_service_can_be_stopped(status):
    assert codes(status) == [("not-in-service", status)]


def test_a_return_path_that_is_missing_refuses():
    assert codes(proof="missing") == [("return-path-missing", "stack")]


def test_a_person_who_was_told_may_stop_without_a_return():
    assert codes(proof="missing", without_return=True) == []


def test_an_assumed_return_path_is_enough():
    assert codes(proof="assumed") == []


def test_each_loss_needs_the_persons_word():
    assert codes(losses=[KERNEL]) == [("losses-not-confirmed", "train.ipynb")]
    assert codes(losses=[KERNEL], confirmed={"kernel:1"}) == []


def test_all_findings_are_told_at_once():
    assert len(codes("Updating", "missing", [KERNEL])) == 3
