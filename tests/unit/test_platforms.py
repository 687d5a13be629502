"""The table of platforms, and the signal `platform`."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from jupyter_nb_updater.instance import platforms
from jupyter_nb_updater.instance.platforms import AL2023, PlatformFact, known, moves_to, newest
from jupyter_nb_updater.instance.sagemaker import PlatformTable
from jupyter_nb_updater.signals.platform import PlatformSource, platform

from ..signal_sources import no_policies, source_context

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
V1, V2, V3 = (f"notebook-al2023-v{number}" for number in (1, 2, 3))
ANNOUNCED = PlatformFact(V2, available=NOW - 10 * DAY)
ENDING = PlatformFact(V1, ends=NOW + 60 * DAY, last_start=NOW + 61 * DAY, successor=V2)
CLOSED = PlatformFact(V1, ends=NOW + 60 * DAY, last_start=NOW - DAY, successor=V2)
REPLACED = PlatformFact(V1, last_start=NOW - DAY, successor=V2)
ALLOWED = known(moves_amazon_linux_2=True)


def at(year, month, day):
    return datetime(year, month, day, tzinfo=timezone.utc)


CASES = {
    "the newest": (AL2023, NOW, (), "current", "platform-current", AL2023, None),
    "in the SDK, and in no page": (V2, NOW, (), "unknown", "platform-not-known", None, None),
    "not told": (None, NOW, (), "unknown", "platform-not-known", None, None),
    "of a later year": ("notebook-al2027-v1", NOW, (), "unknown", "platform-not-known", None, None),
    "ended, and a restart moves it": ("notebook-al2-v3", NOW, (), "due", "platform-ended", AL2023, at(2026, 6, 30)),
    "ended, of the first kind": ("notebook-al2-v1", NOW, (), "due", "platform-ended", AL2023, at(2025, 6, 30)),
    "ended, and nothing moves it": ("notebook-al1-v1", NOW, (), "due", "platform-ended", "notebook-al1-v1", None),
    "ends soon, and no restart moves it yet": ("notebook-al2-v3", at(2026, 5, 1), (), "due", "platform-ends", AL2023, None),
    "ends in 91 days": ("notebook-al2-v3", at(2026, 3, 31), (), "current", "platform-newer", AL2023, None),
    "ends in 90 days": ("notebook-al2-v3", at(2026, 4, 1), (), "due", "platform-ends", AL2023, None),
    "before there was a newer one": (
        "notebook-al2-v3",
        at(2025, 8, 1),
        (),
        "current",
        "platform-current",
        "notebook-al2-v3",
        None,
    ),
    "a newer one, as the organization says": (V1, NOW, (ANNOUNCED,), "current", "platform-newer", V2, None),
    "a newer one, tomorrow": (V1, NOW - 11 * DAY, (ANNOUNCED,), "current", "platform-current", V1, None),
    "the newer one itself": (V2, NOW, (ANNOUNCED,), "current", "platform-current", V2, None),
    "one that is closed, as the organization says": (
        V1,
        NOW,
        (ANNOUNCED, REPLACED),
        "current",
        "platform-newer",
        V2,
        None,
    ),
    "an end that the organization knows of": (V1, NOW, (ANNOUNCED, ENDING), "due", "platform-ends", V2, None),
    "an end of which a signed document knows a way": (
        V1,
        NOW,
        (ANNOUNCED, CLOSED.with_target()),
        "due",
        "platform-ends",
        V2,
        CLOSED.ends,
    ),
    "an end that only the organization knows a way from": (V1, NOW, (ANNOUNCED, CLOSED), "due", "platform-ends", V2, None),
}


def starts_again(identifier, now, facts):
    return platforms.can_start_again(identifier, now, known(facts))


@pytest.mark.parametrize("case", CASES)
def test_the_platform_is_judged_by_the_table(case):
    identifier, now, facts, state, code, latest, due_by = CASES[case]
    signal = platform(identifier, "ml.t3.medium", now, known(facts, moves_amazon_linux_2=True))
    assert (signal.state, signal.code) == (state, code)
    assert (signal.evidence.get("newest"), signal.due_by) == (latest, due_by)
    assert signal.helps == (signal.evidence.get("moves_to") is not None)
    assert signal.prevents == (not starts_again(identifier, now, facts) and not signal.helps)
    assert signal.link.startswith("https://")


def test_the_evidence_says_what_is_newer_since_when_until_when_and_where_a_restart_goes():
    assert platform("notebook-al2-v3", "ml.t3.medium", NOW, ALLOWED).evidence == {
        "platform": "notebook-al2-v3",
        "newest": AL2023,
        "since": "2025-08-22T00:00:00Z",
        "ends": "2026-06-30T00:00:00Z",
        "moves_to": AL2023,
    }
    none = {"since": None, "ends": None, "moves_to": None}
    assert platform(AL2023, "ml.t3.medium", NOW).evidence == {"platform": AL2023, "newest": AL2023, **none}


def test_a_restart_that_cannot_move_the_instance_gets_no_deadline():
    signal = platform("notebook-al2-v3", "ml.p3.2xlarge", NOW, ALLOWED)
    assert (signal.state, signal.code, signal.evidence["moves_to"], signal.due_by) == ("due", "platform-ended", None, None)


@pytest.mark.parametrize("identifier", platforms.KNOWN)
def test_an_unsupported_platform_is_never_current_and_no_restart_is_asked_for_in_vain(identifier):
    for days in range(-4000, 4000, 11):
        now = NOW + days * DAY
        signal = platform(identifier, "ml.t3.medium", now, ALLOWED)
        ends = platforms.KNOWN[identifier].ends
        assert (signal.state == "due") == (ends is not None and now >= ends - 90 * DAY)
        if signal.due_by is not None:
            assert moves_to(identifier, "ml.t3.medium", now, ALLOWED) is not None


def test_what_an_organization_knows_stands_in_place_of_ours_field_by_field():
    told = known([PlatformFact("notebook-al2-v3", ends=at(2027, 1, 1))])["notebook-al2-v3"]
    assert told == PlatformFact("notebook-al2-v3", at(2024, 10, 29), at(2027, 1, 1), at(2026, 7, 1), AL2023)
    assert known([ANNOUNCED])[V2] == ANNOUNCED
    assert platforms.KNOWN["notebook-al2-v3"].ends == at(2026, 6, 30)


WAYS = {
    "without an administrator": ("notebook-al2-v3", [], False, None),
    "with one": ("notebook-al2-v3", [], True, V1),
    "a successor that is not signed": (V1, [REPLACED], True, None),
    "a signed one": (V1, [REPLACED.with_target()], False, V2),
    "a signed one for amazon linux 2": ("notebook-al2-v3", [PlatformFact("notebook-al2-v3", target=V1)], False, V1),
    "a signed one in place of ours": ("notebook-al2-v3", [PlatformFact("notebook-al2-v3", target=V2)], True, V2),
    "one that is not signed in place of ours": ("notebook-al2-v3", [PlatformFact("notebook-al2-v3", successor=V2)], True, V1),
    "through one that has ended": ("notebook-al2-v3", [REPLACED.with_target()], True, V2),
    "to one that has ended, and no further": ("notebook-al2-v3", [REPLACED], True, None),
    "to one of tomorrow": (V1, [REPLACED.with_target(), PlatformFact(V2, available=NOW + DAY)], False, None),
    "in a circle": (V1, [REPLACED.with_target(), PlatformFact(V2, last_start=NOW - DAY, target=V1)], False, None),
    "from one that aws starts": (V1, [ENDING.with_target()], False, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_restart_moves_an_instance_only_where_an_administrator_has_allowed_it(way):
    identifier, facts, is_allowed, target = WAYS[way]
    table = PlatformTable(moves_amazon_linux_2=is_allowed)
    assert table.use(facts) == bool(facts)
    assert moves_to(identifier, "ml.t3.medium", NOW, table.facts) == target


def test_the_table_never_moves_anyone_to_a_platform_that_nobody_has_described():
    assert V2 not in platforms.KNOWN
    assert V2 not in platforms.SUCCESSOR.values()


def test_the_newest_is_at_the_end_of_the_way_also_when_that_goes_in_a_circle():
    facts = known([ANNOUNCED, PlatformFact(V3, available=NOW)])
    assert newest("notebook-al2-v1", NOW, facts) == V3
    assert newest("notebook-al2-v1", NOW - DAY, facts) == V2
    around = known([PlatformFact(V1, successor=V2), PlatformFact(V2, successor=V1)])
    assert newest(V1, NOW, around) == V2
    assert newest("something-else", NOW) == "something-else"


def test_a_type_that_amazon_linux_2023_does_not_have_runs_on_none_of_its_versions():
    assert [platforms.runs_on("ml.p3.2xlarge", name) for name in (V1, V2, "notebook-al2-v3")] == [False, False, True]


def test_the_source_asks_aws_and_knows_what_the_organization_knows():
    context = source_context(platform=V1, instance_type="ml.t3.medium", policies=no_policies([ANNOUNCED]))
    assert asyncio.run(PlatformSource(context).poll(NOW)).evidence["newest"] == V2
    context = source_context(platform=V1, instance_type="ml.t3.medium")
    assert asyncio.run(PlatformSource(context).poll(NOW)).code == "platform-current"
