"""May the instance stop, and has the user accepted the losses?"""

from datetime import datetime, timedelta, timezone

import botocore.session
import pytest

from jupyter_nb_updater.advice.hold import Hold
from jupyter_nb_updater.instance.platforms import PlatformFact, known
from jupyter_nb_updater.instance.sagemaker import Description
from jupyter_nb_updater.restart.findings import Finding
from jupyter_nb_updater.restart.preflight import NOT_STOPPABLE, PreflightFacts, examine, is_transient
from jupyter_nb_updater.restart.request import Consent, RestartRequest
from jupyter_nb_updater.restart.return_path import Verification
from jupyter_nb_updater.signals.maintenance import MAINTENANCE_STATUSES

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
SEEN = frozenset({"kernel:1"})
KERNEL = {"id": "kernel:1", "kind": "kernel", "name": "train.ipynb", "detail": "python3", "busy": False}
BUSY = {**KERNEL, "busy": True}
ALLOWED = known(moves_amazon_linux_2=True)
HOLD = Hold("ana", "training", NOW + timedelta(hours=4), NOW)


def codes(
    status="InService", proof="verified", losses=(), *, now=NOW, migrates=True, seen=frozenset(), confirmed=frozenset(), **more
):
    table = more.pop("table", ALLOWED)
    fields = {"platform": more.pop("platform", None), "instance_type": more.pop("size", None), "platforms": table}
    description = Description(status, "arn", lifecycle_config="nb-updater", **fields)
    known = {name: more.pop(name) for name in ("hold", "lacks_config", "returned") if name in more}
    facts = PreflightFacts(description, Verification(proof), "stack", migrates, losses, **known)
    found = examine(facts, RestartRequest(consent=Consent(seen, confirmed), **more), now)
    return [(finding.code, finding.subject) for finding in found]


def test_nothing_speaks_against_it():
    assert codes() == []


@pytest.mark.parametrize("status", ["Pending", "Stopping", "Stopped", "Failed", "Updating", "Deleting"])
def test_an_instance_that_is_starting_changing_or_down_cannot_be_stopped(status):
    assert codes(status) == [("not-in-service", status)]


@pytest.mark.parametrize("status", ["InService", *sorted(MAINTENANCE_STATUSES), "SomethingNew"])
def test_aws_decides_about_every_other_status_so_no_banner_asks_for_what_is_refused_here(status):
    assert codes(status) == []


def test_each_status_of_aws_is_judged():
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("NotebookInstanceStatus")
    assert {*shape.enum} <= NOT_STOPPABLE | MAINTENANCE_STATUSES | {"InService"}


def test_a_return_path_that_is_missing_refuses():
    assert codes(proof="missing") == [("return-path-missing", "stack")]


def test_a_person_who_was_told_may_stop_without_a_return():
    assert codes(proof="missing", without_return=True) == []


def test_an_assumed_return_path_is_enough():
    assert codes(proof="assumed") == []


def test_each_loss_needs_the_persons_word():
    assert codes(losses=[KERNEL]) == [("losses-not-confirmed", "train.ipynb")]
    assert codes(losses=[KERNEL], seen=SEEN) == []


def test_losing_what_is_busy_takes_a_second_word_that_names_it():
    assert codes(losses=[BUSY], seen=SEEN) == [("busy-not-confirmed", "train.ipynb")]
    assert codes(losses=[BUSY], confirmed=frozenset({"kernel:1"})) == []


@pytest.mark.parametrize("kind", ["files", "packages", "schedule"])
def test_what_every_stop_wipes_is_shown_and_asks_for_no_word_of_its_own(kind):
    assert codes(losses=[{"id": kind, "kind": kind, "name": "~/data", "detail": "1", "busy": False}]) == []


def test_nobody_is_there_to_see_what_is_idle_but_what_is_busy_stays_safe():
    assert codes(losses=[KERNEL], when="idle") == []
    assert codes(losses=[BUSY], when="idle") == [("busy-not-confirmed", "train.ipynb")]


def test_a_hold_takes_a_word_too():
    assert codes(hold=HOLD) == [("held", "ana")]
    assert codes(hold=HOLD, confirmed=frozenset({HOLD.id})) == []


@pytest.mark.parametrize(
    ("found", "passes"), [(["held", "busy-not-confirmed"], True), (["held", "not-in-service"], False), ([], True)]
)
def test_only_what_ends_by_itself_is_waited_for(found, passes):
    assert is_transient([Finding(code, "") for code in found]) is passes


def test_an_instance_whose_lifecycle_configuration_is_gone_is_never_stopped():
    assert codes(lacks_config=True) == [("lifecycle-config-missing", "nb-updater")]
    assert codes(lacks_config=True, proof="missing", without_return=True) == [("lifecycle-config-missing", "nb-updater")]


@pytest.mark.parametrize("when", ["idle", "2026-11-23T18:00:00Z"])
def test_right_after_a_return_no_other_restart_begins_that_nobody_watches(when):
    assert codes(returned=NOW, when=when) == [("restarted-recently", "2026-11-23T14:00:00Z")]
    assert codes(returned=None, when=when) == []


def test_a_person_may_restart_again_at_once():
    assert codes(returned=NOW) == []


def test_a_loop_is_not_waited_out():
    assert not is_transient([Finding("restarted-recently", "")])


def test_all_findings_are_told_at_once():
    assert len(codes("Updating", "missing", [KERNEL])) == 3


AL2 = ["notebook-al2-v1", "notebook-al2-v2", "notebook-al2-v3"]
MOVE = frozenset({"migration:notebook-al2023-v1"})


@pytest.mark.parametrize("platform", ["notebook-al1-v1", *AL2])
@pytest.mark.parametrize("with_no_one_to_move_it", [{"migrates": False}, {"proof": "missing", "without_return": True}])
def test_a_platform_that_aws_no_longer_starts_is_never_stopped_when_nobody_moves_it(platform, with_no_one_to_move_it):
    assert codes(platform=platform, confirmed=MOVE, **with_no_one_to_move_it) == [("platform-not-restartable", platform)]


def test_amazon_linux_1_cannot_be_moved():
    assert codes(platform="notebook-al1-v1", confirmed=MOVE) == [("platform-not-restartable", "notebook-al1-v1")]


@pytest.mark.parametrize("platform", AL2)
def test_amazon_linux_2_is_not_stopped_until_an_administrator_has_allowed_the_move(platform):
    assert codes(platform=platform, table=known(), confirmed=MOVE) == [("platform-not-restartable", platform)]


def test_a_platform_of_which_a_signed_document_says_the_end_is_moved_where_it_says():
    closed = PlatformFact("notebook-al2023-v1", last_start=NOW - timedelta(days=1), successor="notebook-al2023-v2")
    old, new = "notebook-al2023-v1", "notebook-al2023-v2"
    assert codes(platform=old, table=known([closed])) == [("platform-not-restartable", old)]
    signed = known([closed.with_target()])
    assert codes(platform=old, table=signed) == [("migration-not-confirmed", new)]
    assert codes(platform=old, table=signed, confirmed=frozenset({f"migration:{new}"})) == []


@pytest.mark.parametrize("platform", AL2)
def test_amazon_linux_2_is_moved_when_the_person_says_so(platform):
    assert codes(platform=platform) == [("migration-not-confirmed", "notebook-al2023-v1")]
    assert codes(platform=platform, confirmed=MOVE) == []


@pytest.mark.parametrize("size", ["ml.p2.xlarge", "ml.p3.2xlarge", "ml.p3dn.24xlarge", "ml.inf1.xlarge", "ml.g3.4xlarge"])
def test_an_instance_type_that_the_new_platform_does_not_run_on_is_never_stopped(size):
    assert codes(platform="notebook-al2-v3", size=size, confirmed=MOVE) == [("instance-type-not-supported", size)]


@pytest.mark.parametrize("size", ["ml.t3.medium", "ml.p4d.24xlarge", "ml.g5.xlarge", None])
def test_any_other_instance_type_may_move(size):
    assert codes(platform="notebook-al2-v3", size=size, confirmed=MOVE) == []


@pytest.mark.parametrize("platform", ["notebook-al2023-v1", "notebook-al2023-v2", "notebook-something-new", None])
def test_a_platform_that_aws_starts_or_that_we_do_not_know_may_be_stopped(platform):
    assert codes(platform=platform) == []


def test_amazon_linux_2_could_still_be_started_until_july_2026():
    july = datetime(2026, 7, 1, tzinfo=timezone.utc)
    assert codes(platform="notebook-al2-v3", now=july - timedelta(seconds=1)) == []
    assert codes(platform="notebook-al2-v3", now=july) != []
