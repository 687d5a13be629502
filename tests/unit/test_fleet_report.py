"""The shared report of a fleet, and when it recommends a restart."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from jupyter_nb_updater.instance.metadata import Identity
from jupyter_nb_updater.instance.s3 import OBSERVED, S3Prefix
from jupyter_nb_updater.signals.fleet import fleet
from jupyter_nb_updater.signals.fleet_report import (
    MAX_BYTES,
    MAX_COMPONENTS,
    FleetReport,
    NewestVersion,
    is_newer,
    is_plausible,
    parse,
)

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HERE = Identity("research-1", "eu-west-1", "123456789012", "aws")
NOTHING = FleetReport()
OLD = {"kernel": "6.1.155-176.282.amzn2023.x86_64", "os_release": "Amazon Linux 2023.9.20251110", "jupyterlab": "4.5.11"}
NEW = {"kernel": "6.1.158-178.288.amzn2023.x86_64", "os_release": "Amazon Linux 2023.9.20251201", "jupyterlab": "4.6.0"}


def told(software=OLD, by="research-2", days=1, before=NOTHING, now=NOW):
    """Return the report after an instance with this boot time has added its versions."""
    return before.merged_with(by, software, now - days * DAY, now)


def judged(seen, software=OLD, days=10, name="research-1"):
    return fleet(seen, name=name, software=software, booted=NOW - days * DAY, location="s3://b/p/x.json", now=NOW)


@pytest.mark.parametrize(
    ("name", "newer", "older"),
    [
        ("kernel", "6.1.158-178.288.amzn2023.x86_64", "6.1.155-176.282.amzn2023.x86_64"),
        ("kernel", "6.12.9-1.amzn2023.x86_64", "6.1.158-178.288.amzn2023.x86_64"),
        ("kernel", "6.1.158", "6.1.58"),
        ("os_release", "Amazon Linux 2023.10.20260105", "Amazon Linux 2023.9.20251110"),
        ("os_release", "Amazon Linux 2023.9.20251110", "Amazon Linux 2 (Karoo)".partition(" (")[0]),
        ("jupyterlab", "4.10.0", "4.9.9"),
        ("jupyterlab", "4.6.0", "4.6.0rc1"),
        ("boto3", "1.44.8", "1.44.8.dev3"),
        ("sagemaker", "3.0", "2.257.1"),
        ("python", "3.10.2", "3.9.18"),
    ],
)
def test_versions_are_compared_as_versions(name, newer, older):
    assert (is_newer(name, newer, older), is_newer(name, older, newer), is_newer(name, newer, newer)) == (True, False, False)


def test_another_spelling_of_the_same_version_is_not_newer():
    assert not is_newer("boto3", "1.44.0", "1.44")
    assert not is_newer("kernel", "6.1.155-176", "6.1.155.176")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("jupyterlab", "<img src=x onerror=alert(1)>"),
        ("jupyterlab", "4.6.0<b>"),
        ("jupyterlab", "newest"),
        ("jupyterlab", ""),
        ("jupyterlab", "9" * 15),
        ("jupyterlab", "1." * 60 + "1"),
        ("kernel", "9" * 200),
        ("kernel", "6.1\n7.0"),
        ("kernel", "\N{ARABIC-INDIC DIGIT SIX}.1"),
        ("os_release", "javascript:alert(1)"),
        ("<b>", "1.0"),
        ("a" * 65, "1.0"),
        ("", "1.0"),
    ],
)
def test_what_no_version_can_be_is_none(name, version):
    assert not is_plausible(name, version)


def test_a_newer_version_of_an_instance_that_booted_later_asks_for_a_restart_and_says_since_when():
    seen = told(NEW, now=NOW - DAY, days=1)
    signal = judged(told(NEW, by="research-3", before=seen))
    assert (signal.state, signal.code) == ("due", "fleet-newer")
    assert signal.evidence == {
        "changes": [{"name": name, "before": OLD[name], "after": NEW[name]} for name in OLD],
        "since": "2026-11-22T14:00:00Z",
        "location": "s3://b/p/x.json",
    }


def test_a_newer_version_that_was_there_before_our_own_start_asks_for_nothing():
    assert judged(told(NEW, days=3), days=2).code == "fleet-newest"


def test_our_own_version_is_the_newest_when_all_others_have_the_same_or_an_older_one():
    assert judged(told(OLD)).code == "fleet-newest"
    assert judged(told(OLD), software=NEW).code == "fleet-newest"


def test_alone_it_is_not_known_whether_anything_is_newer():
    assert judged(FleetReport()).code == "fleet-alone"
    alone = judged(told(OLD, by="research-1"))
    assert (alone.state, alone.code) == ("unknown", "fleet-alone")


def test_another_set_of_newer_versions_is_another_subject_and_the_same_one_is_the_same():
    first, again = judged(told(NEW)), judged(told(NEW, by="research-3", days=0))
    assert first.subject == again.subject != ""
    assert judged(told({**NEW, "jupyterlab": "4.6.1"})).subject != first.subject


def test_what_is_not_installed_here_is_not_told():
    changes = judged(told({**OLD, "torch": "2.9.0", "jupyterlab": "4.6.0"})).evidence["changes"]
    assert [change["name"] for change in changes] == ["jupyterlab"]


def test_an_older_image_that_is_told_later_takes_nothing_away():
    seen = told(NEW, days=5)
    later = told(OLD, by="research-3", days=0, before=seen)
    assert {name: found.version for name, found in later.software.items()} == NEW
    assert later.software == seen.software


def test_whoever_has_the_same_version_says_that_a_start_still_brings_it():
    seen = told(NEW, days=5, now=NOW - DAY)
    later = told(NEW, by="research-3", days=0, before=seen)
    assert later.software["kernel"] == NewestVersion(NEW["kernel"], NOW - DAY, NOW)


def test_telling_the_same_twice_changes_nothing():
    seen = told(NEW)
    assert told(NEW, before=seen, now=NOW + timedelta(0)) == seen


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6), st.randoms())
def test_the_order_in_which_instances_tell_makes_no_difference(tellings, chance):
    """Each report: two versions, and the time since the boot."""

    def all_told(order):
        seen = FleetReport()
        for lab, kernel, days in order:
            software = {"jupyterlab": f"4.{lab}", "kernel": f"6.1.{kernel}"}
            seen = seen.merged_with("x", software, NOW - days * DAY, NOW)
        return seen

    shuffled = list(tellings)
    chance.shuffle(shuffled)
    seen = all_told(tellings)
    assert all_told(shuffled) == seen
    assert seen.software["jupyterlab"].version == f"4.{max(lab for lab, _, _ in tellings)}"


def test_what_was_written_is_read_again():
    seen = told(NEW, by="research-3", before=told(OLD))
    assert parse(seen.to_bytes("notebook-al2023-v1", NOW), NOW) == seen


def written(**changed):
    content = json.loads(told(NEW).to_bytes("notebook-al2023-v1", NOW))
    return json.dumps({**content, **changed}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>not found</html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"7",
        b"[" * 30_000,
        written(format=2),
        written(format="1"),
        written(software=[]),
        written(software=None),
        written(reporters=7),
        written(reporters=["research-2"]),
        b" " * MAX_BYTES + written(),
    ],
)
def test_an_object_of_another_form_is_as_if_it_were_not_there(content):
    assert parse(content, NOW) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "4.9.0<script>alert(1)</script>"},
        {"version": 7},
        {"version": None},
        {"version": "9" * 5000},
        {"booted": "2026-11-23T14:16:00Z"},
        {"booted": "2999-01-01T00:00:00Z"},
        {"booted": "1970-01-01T00:00:00Z"},
        {"booted": None},
        {"booted": "yesterday"},
        {"booted": 1795442400},
        {"since": "2999-01-01T00:00:00Z"},
        {"since": "<b>"},
    ],
)
def test_one_entry_that_cannot_be_believed_is_left_out_and_the_others_count(changed):
    content = json.loads(written())
    content["software"]["jupyterlab"] |= changed
    seen = parse(json.dumps(content).encode(), NOW)
    assert set(seen.software) == {"kernel", "os_release"}


@pytest.mark.parametrize("entry", [None, 7, "4.9.0", [], {}])
def test_an_entry_of_another_form_is_left_out(entry):
    seen = parse(written(software={"jupyterlab": entry, "<b>": {"version": "1"}}), NOW)
    assert seen == FleetReport({}, {"research-2": NOW})


def test_names_that_no_instance_has_are_no_reporters():
    then = "2026-11-23T13:00:00Z"
    found = parse(written(reporters={"<b>": then, "": then, "a" * 64: then, "research-9": then}), NOW)
    assert found.reporters == {"research-9": NOW - timedelta(hours=1)}


@pytest.mark.parametrize("time", [None, 7, "yesterday", "2026-11-23T14:16:00Z", "1970-01-01T00:00:00Z", []])
def test_a_reporter_without_a_plausible_time_is_none(time):
    assert parse(written(reporters={"research-9": time}), NOW).reporters == {}


def test_what_others_said_three_days_ago_does_not_make_an_instance_the_newest():
    seen = told(OLD, days=5, now=NOW - 3 * DAY)
    assert judged(seen).code == "fleet-alone"
    assert judged(told(OLD, by="research-3", before=seen)).code == "fleet-newest"


def test_two_of_many_instances_renew_their_report_once_a_day():
    seen = told(OLD, by="a", now=NOW, days=1)
    for name in ("b", "c", "d"):
        seen = told(OLD, by=name, now=NOW, days=1, before=seen)
    assert seen.reporters == {"a": NOW, "b": NOW}
    assert told(OLD, by="a", now=NOW + timedelta(hours=23), days=2, before=seen).reporters == seen.reporters
    assert told(OLD, by="a", now=NOW + DAY, days=2, before=seen).reporters == {"a": NOW + DAY, "b": NOW}
    later = NOW + 3 * DAY
    assert told(OLD, by="d", now=later, days=4, before=seen).reporters == {"d": later}


def test_a_time_is_looked_at_by_the_clock_of_s3_and_not_by_ours():
    """Our clock may be wrong, which must not discard what others have reported."""
    assert parse(written(), NOW) == parse(written(), NOW + 400 * DAY)
    assert parse(written(), NOW - timedelta(minutes=10)) is not None
    assert parse(written(), NOW - 2 * DAY).software == {}


def test_the_object_never_grows_out_of_its_bound():
    software = {f"{'p' * 60}-{number}": "1." + "0." * 48 + "1" for number in range(500)}
    seen = told(software, by="a" * 63, before=told(software, by="b" * 63))
    for number in range(100):
        seen = told(software, by=f"i-{number}", before=seen)
    content = seen.to_bytes("notebook-al2023-v1", NOW)
    assert (len(seen.software), len(seen.reporters), len(content) < MAX_BYTES) == (MAX_COMPONENTS, 2, True)
    assert parse(content, NOW) == seen


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (OBSERVED, ("sagemaker-eu-west-1-123456789012", "nb-updater/observed/", "123456789012")),
        ("s3://central/{region}/seen/", ("central", "eu-west-1/seen/", None)),
        ("s3://central", ("central", "", None)),
        ("s3://central/", ("central", "", None)),
    ],
)
def test_a_place_is_a_folder_and_the_default_bucket_must_be_ours(text, place):
    assert S3Prefix.parse(text, HERE) == place


@pytest.mark.parametrize(
    "text", ["central/seen", "https://central/seen", "s3://", "s3://Central/x", "s3://central/{who}", "s3://a/x"]
)
def test_another_form_is_no_place(text):
    with pytest.raises(ValueError, match="is not of the form"):
        S3Prefix.parse(text, HERE)
