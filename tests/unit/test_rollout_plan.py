"""What is to be done about whom, by what there is: decided before anything is done."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.lifecycle.merge import SURE, BlockForms, attach, find
from jupyter_nb_updater.lifecycle.model import AccountView, Configuration, Notebook
from jupyter_nb_updater.lifecycle.plan import to_attach, to_create, to_detach, to_update
from jupyter_nb_updater.lifecycle.status import inventory

THEIRS = b"#!/bin/bash\necho theirs\n"
WHEN = datetime(2026, 11, 26, tzinfo=timezone.utc)


def ours(version="0.1.0"):
    block = f"# >>> jupyter-nb-updater {version} >>>\n( true )\n# <<< jupyter-nb-updater <<<\n".encode()
    return BlockForms(b"#!/bin/bash\n" + block + b"exit 0\n", block, block)


OLD, NEW = ours(), ours("0.2.0")
WITH = attach(THEIRS, OLD, SURE).text
WHOLE = attach(b"", OLD, SURE).text


def seen(scripts, instances, chosen="all", **more):
    """Scripts by the name of their configuration; instances as ``name: (status, configuration)``."""
    configurations = tuple(Configuration(name, script, None, WHEN, **more) for name, script in scripts.items())
    notebooks = tuple(Notebook(name, f"arn:{name}", *facts) for name, facts in instances.items())
    return AccountView(configurations, notebooks, frozenset(instances if chosen == "all" else chosen))


def steps(plan):
    return {step.before.name: step.todo for step in plan.steps}


def turns(plan):
    return {call.notebook.name: call.turn for call in plan.calls}


def attached(what, **more):
    return to_attach(what, "nb-updater", lambda _: NEW, **{"shared": False, "force": False, **more})


@pytest.mark.parametrize(
    ("script", "status", "todo", "turn"),
    [
        (THEIRS, "InService", "attach", "next-start"),
        (THEIRS, "Stopped", "attach", "next-start"),
        (b"", "InService", "attach", "next-start"),
        (WITH, "InService", "update", "next-start"),
        (attach(THEIRS, NEW, SURE).text, "InService", "none", "next-start"),
        (b"#!/usr/bin/python3\n", "Stopped", "refused", "left-out"),
    ],
)
def test_an_instance_with_a_configuration_gets_it_by_that_one_whatever_its_status(script, status, todo, turn):
    plan = attached(seen({"team": script}, {"one": (status, "team")}))
    assert (steps(plan), turns(plan)) == ({"team": todo}, {"one": turn})


@pytest.mark.parametrize(
    ("status", "turn"),
    [
        ("Stopped", "associate"),
        ("Failed", "associate"),
        ("InService", "stop-first"),
        ("Pending", "stop-first"),
        ("Stopping", "not-now"),
        ("Updating", "not-now"),
        ("InMaintenance", "not-now"),
    ],
)
def test_an_instance_without_one_gets_ours_only_while_it_is_stopped(status, turn):
    plan = attached(seen({}, {"one": (status,)}))
    assert (steps(plan), turns(plan)) == ({"nb-updater": "create"}, {"one": turn})


def test_a_configuration_of_that_name_that_is_there_is_used_and_its_own_script_stays():
    plan = attached(seen({"nb-updater": THEIRS}, {"one": ("Stopped",)}))
    assert steps(plan) == {"nb-updater": "attach"}
    assert find(plan.steps[0].after).theirs == THEIRS


def test_who_shares_a_configuration_and_was_not_chosen_is_asked_about():
    there = seen({"team": THEIRS}, {"one": ("InService", "team"), "two": ("Stopped", "team")}, chosen=["one"])
    plan = attached(there)
    assert (steps(plan), turns(plan)) == ({"team": "ask"}, {"one": "left-out"})
    assert plan.steps[0].strangers == ("two",)
    assert steps(attached(there, shared=True)) == {"team": "attach"}


def test_nobody_is_asked_about_when_there_is_nothing_to_do():
    there = seen({"team": attach(THEIRS, NEW, SURE).text}, {"one": ("InService", "team"), "two": ("Stopped", "team")}, ["one"])
    assert steps(attached(there)) == {"team": "none"}


def test_a_configuration_that_is_gone_or_cannot_be_read_is_told_of_its_instance():
    plan = attached(seen({}, {"one": ("InService", "team")}))
    assert (steps(plan), turns(plan)) == ({}, {"one": "missing"})
    unread = attached(seen({"team": b""}, {"one": ("InService", "team")}, unread="denied"))
    assert (steps(unread), turns(unread)) == ({"team": "refused"}, {"one": "left-out"})


def test_a_longer_script_elsewhere_in_the_account_proves_how_long_one_may_be():
    long = b"#!/bin/bash\n" + b"#" * 12_270 + b"\n"
    assert steps(attached(seen({"team": long}, {"one": ("InService", "team")}))) == {"team": "refused"}
    longer = {"team": long, "other": long + b"#" * 100}
    assert steps(attached(seen(longer, {"one": ("InService", "team")}))) == {"team": "attach"}


def test_an_update_is_about_whoever_has_it_and_nobody_else():
    there = seen({"a": WITH, "b": WHOLE, "c": THEIRS, "d": b"# <<< jupyter-nb-updater <<<\n"}, {"one": ("InService", "a")})
    plan = to_update(there, lambda _: NEW, force=False)
    assert steps(plan) == {"a": "update", "b": "update", "d": "refused"}
    assert turns(plan) == {"one": "next-start"}
    assert find(plan.steps[0].after).is_restored
    only = to_update(there, lambda _: NEW, names=["c"], force=False)
    assert (steps(only), only.steps[0].code) == ({"c": "refused"}, "absent")


@pytest.mark.parametrize(
    ("script", "status", "todo", "turn"),
    [
        (WITH, "InService", "detach", "next-start"),
        (THEIRS, "Stopped", "none", "absent"),
        (WHOLE, "Stopped", "none", "disassociate"),
        (WHOLE, "InService", "none", "stop-first"),
        (WITH.replace(b"true", b"false"), "Stopped", "refused", "left-out"),
    ],
)
def test_an_instance_is_rid_of_it_by_its_configuration_or_of_its_configuration(script, status, todo, turn):
    plan = to_detach(seen({"team": script}, {"one": (status, "team")}), shared=False, force=False)
    assert (steps(plan), turns(plan)) == ({"team": todo}, {"one": turn})


def test_an_instance_without_a_configuration_has_nothing_to_be_rid_of():
    assert turns(to_detach(seen({}, {"one": ("Stopped",)}), shared=False, force=False)) == {"one": "absent"}


def test_a_configuration_with_another_script_for_the_creation_stays_with_its_instances():
    there = seen({"team": WHOLE}, {"one": ("Stopped", "team")})
    there = replace(there, configurations=tuple(replace(one, on_create="IyEv") for one in there.configurations))
    plan = to_detach(there, shared=False, force=False)
    assert (steps(plan), turns(plan)) == ({"team": "detach"}, {"one": "next-start"})
    assert plan.steps[0].after == b""


def test_one_of_ours_is_made_once_and_not_over_another():
    assert steps(to_create(seen({}, {}), "nb-updater", lambda _: OLD)) == {"nb-updater": "create"}
    assert steps(to_create(seen({"nb-updater": WHOLE}, {}), "nb-updater", lambda _: OLD)) == {"nb-updater": "none"}
    other = to_create(seen({"nb-updater": THEIRS}, {}), "nb-updater", lambda _: OLD)
    assert (steps(other), other.steps[0].code) == ({"nb-updater": "refused"}, "exists")


def test_an_inventory_says_whether_the_instances_of_each_will_have_it():
    there = seen({"a": WITH, "b": WHOLE, "c": THEIRS, "d": b"# <<< jupyter-nb-updater <<<\n"}, {"one": ("InService", "a")})
    entries = {entry.name: entry for entry in inventory(there.configurations, there.notebooks)}
    assert {name: (entry.state, entry.has_it) for name, entry in entries.items()} == {
        "a": ("block", True),
        "b": ("whole", True),
        "c": ("none", False),
        "d": ("damaged", None),
    }
    assert entries["a"].restorable
    assert [one.name for one in entries["a"].notebooks] == ["one"]
