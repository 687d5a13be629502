"""After the boot, the result is verified, published and journaled."""

import itertools
from datetime import timedelta

import pytest

from jupyter_nb_updater.instance.aws import AwsError
from jupyter_nb_updater.util.clock import to_text
from tests.wait import eventually_async

from .restarts import NOW, WAY, ask, events, until


async def leave(start, aws):
    """Start a restart whose machine is running again, but without a server yet."""
    before = start()
    await before.request(ask())
    await until(before, "away")
    await before.close()
    aws.status = "InService"


async def back(start, aws, booted):
    """Return a completed restart whose machine booted at this time."""
    await leave(start, aws)
    after = start(software={"jupyterlab": "4.6.6"})
    await after.resume(booted=booted)
    await until(after, "idle")
    return after


async def test_after_the_boot_the_return_is_verified_disarmed_and_told(start, aws, journal):
    after = await back(start, aws, NOW + timedelta(minutes=3))
    assert events(journal) == [*WAY, "booted", "returned"]
    assert after.outcome["changes"] == [{"name": "jupyterlab", "before": "4.5.11", "after": "4.6.6"}]
    await eventually_async(lambda: aws.armed is None)
    await after.cancel()
    assert (after.outcome, start().outcome) == (None, None)


async def test_all_that_tells_of_a_return_gives_it_one_time(start, aws, journal, world, monkeypatch):
    await leave(start, aws)
    seconds = itertools.count()
    monkeypatch.setattr(type(world), "now", property(lambda _: NOW + timedelta(seconds=next(seconds))), raising=False)
    after = start()
    await after.resume(booted=NOW + timedelta(minutes=3))
    await until(after, "idle")
    assert after.outcome["returned"] == to_text(after.restart.since) == journal.records()[-1]["time"]


@pytest.mark.parametrize(
    ("minutes", "said", "word"),
    [
        (3, None, "updated"),
        (61, None, "failed-to-return"),
        (3, "failed-to-return", "failed-to-return"),
        (61, "returned", "updated"),
    ],
)
async def test_a_return_that_was_not_ours_is_told_and_is_in_the_journal(start, aws, journal, minutes, said, word):
    aws.said = said
    after = await back(start, aws, NOW + timedelta(minutes=minutes))
    assert after.outcome["outcome"] == word
    assert (journal.records()[-1]["outcome"], journal.records()[-1]["return"]) == (word, said)
    await after.close()
    later = start()
    await later.resume(booted=NOW + timedelta(minutes=minutes))
    assert later.outcome == after.outcome


async def test_a_return_path_that_cannot_be_asked_does_not_hold_the_return_up(start, aws, journal):
    aws.errors["ended"] = AwsError("access-denied", "ListTags", "no", "sagemaker:ListTags")
    after = await back(start, aws, NOW + timedelta(minutes=3))
    assert (after.outcome["outcome"], journal.records()[-1]["return"]) == ("updated", None)


async def test_how_long_it_usually_takes_is_known_after_the_first_return(start, aws):
    assert start().usual_seconds is None
    after = await back(start, aws, NOW + timedelta(minutes=3))
    assert after.usual_seconds == 0  # the clock of this world stands still
    await after.close()
    later = start()
    await later.resume(booted=NOW)
    assert later.usual_seconds == 0
