"""The plan for lifecycle configurations and instances is made before anything is changed."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from jupyter_nb_updater.lifecycle.merge import SAFE_SCRIPT_BYTES, BlockForms, attach, find
from jupyter_nb_updater.lifecycle.model import AccountView, Configuration, Notebook, inventory
from jupyter_nb_updater.lifecycle.plan import plan_attach, plan_create, plan_detach, plan_update

THEIRS = b"#!/bin/bash\necho theirs\n"
WHEN = datetime(2026, 11, 26, tzinfo=timezone.utc)


def ours(version="0.1.0"):
    block = f"# >>> jupyter-nb-updater {version} >>>\n( true )\n# <<< jupyter-nb-updater <<<\n".encode()
    return BlockForms(b"#!/bin/bash\n" + block + b"exit 0\n", block, block)


OLD, NEW = ours(), ours("0.2.0")
WITH = attach(THEIRS, OLD, SAFE_SCRIPT_BYTES).text
WHOLE = attach(b"", OLD, SAFE_SCRIPT_BYTES).text


def seen(scripts, instances, chosen="all", **more):
    """Return an account: scripts by the name of their configuration; instances as ``name: (status, configuration)``."""
    configurations = tuple(Configuration(name, script, None, WHEN, **more) for name, script in scripts.items())
    notebooks = tuple(Notebook(name, f"arn:{name}", *facts) for name, facts in instances.items())
    return AccountView(configurations, notebooks, frozenset(instances if chosen == "all" else chosen))


def config_actions(plan):
    return {step.before.name: step.action for step in plan.configurations}


def instance_actions(plan):
    return {call.notebook.name: call.action for call in plan.instances}


def attached(what, **more):
    return plan_attach(what, "nb-updater", lambda _: NEW, **{"shared": False, "force": False, **more})


@pytest.mark.parametrize(
    ("script", "status", "config_action", "instance_action"),
    [
        (THEIRS, "InService", "attach", "next-start"),
        (THEIRS, "Stopped", "attach", "next-start"),
        (b"", "InService", "attach", "next-start"),
        (WITH, "InService", "update", "next-start"),
        (attach(THEIRS, NEW, SAFE_SCRIPT_BYTES).text, "InService", "none", "next-start"),
        (b"#!/usr/bin/python3\n", "Stopped", "refused", "skipped"),
    ],
)
def test_an_instance_with_a_configuration_gets_it_by_that_one_whatever_its_status(
    script, status, config_action, instance_action
):
    plan = attached(seen({"team": script}, {"one": (status, "team")}))
    assert (config_actions(plan), instance_actions(plan)) == ({"team": config_action}, {"one": instance_action})


@pytest.mark.parametrize(
    ("status", "instance_action"),
    [
        ("Stopped", "associate"),
        ("Failed", "associate"),
        ("InService", "stop-first"),
        ("Pending", "stop-first"),
        ("Stopping", "in-transition"),
        ("Updating", "in-transition"),
        ("InMaintenance", "in-transition"),
    ],
)
def test_an_instance_without_one_gets_ours_only_while_it_is_stopped(status, instance_action):
    plan = attached(seen({}, {"one": (status,)}))
    assert (config_actions(plan), instance_actions(plan)) == ({"nb-updater": "create"}, {"one": instance_action})


def test_a_configuration_of_that_name_that_is_there_is_used_and_its_own_script_stays():
    plan = attached(seen({"nb-updater": THEIRS}, {"one": ("Stopped",)}))
    assert config_actions(plan) == {"nb-updater": "attach"}
    assert find(plan.configurations[0].after).without_block == THEIRS


def test_who_shares_a_configuration_and_was_not_chosen_is_asked_about():
    there = seen({"team": THEIRS}, {"one": ("InService", "team"), "two": ("Stopped", "team")}, chosen=["one"])
    plan = attached(there)
    assert (config_actions(plan), instance_actions(plan)) == ({"team": "shared"}, {"one": "skipped"})
    assert plan.configurations[0].unselected == ("two",)
    assert config_actions(attached(there, shared=True)) == {"team": "attach"}


def test_nobody_is_asked_about_when_there_is_nothing_to_do():
    there = seen(
        {"team": attach(THEIRS, NEW, SAFE_SCRIPT_BYTES).text},
        {"one": ("InService", "team"), "two": ("Stopped", "team")},
        ["one"],
    )
    assert config_actions(attached(there)) == {"team": "none"}


def test_a_configuration_that_is_gone_or_cannot_be_read_is_told_of_its_instance():
    plan = attached(seen({}, {"one": ("InService", "team")}))
    assert (config_actions(plan), instance_actions(plan)) == ({}, {"one": "missing-config"})
    unread = attached(seen({"team": b""}, {"one": ("InService", "team")}, unread="denied"))
    assert (config_actions(unread), instance_actions(unread)) == ({"team": "refused"}, {"one": "skipped"})


def test_a_longer_script_elsewhere_in_the_account_proves_how_long_one_may_be():
    long = b"#!/bin/bash\n" + b"#" * 12_270 + b"\n"
    assert config_actions(attached(seen({"team": long}, {"one": ("InService", "team")}))) == {"team": "refused"}
    longer = {"team": long, "other": long + b"#" * 100}
    assert config_actions(attached(seen(longer, {"one": ("InService", "team")}))) == {"team": "attach"}


def test_an_update_is_about_whoever_has_it_and_nobody_else():
    there = seen({"a": WITH, "b": WHOLE, "c": THEIRS, "d": b"# <<< jupyter-nb-updater <<<\n"}, {"one": ("InService", "a")})
    plan = plan_update(there, lambda _: NEW, force=False)
    assert config_actions(plan) == {"a": "update", "b": "update", "d": "refused"}
    assert instance_actions(plan) == {"one": "next-start"}
    assert find(plan.configurations[0].after).is_restored
    only = plan_update(there, lambda _: NEW, names=["c"], force=False)
    assert (config_actions(only), only.configurations[0].code) == ({"c": "refused"}, "absent")


@pytest.mark.parametrize(
    ("script", "status", "config_action", "instance_action"),
    [
        (WITH, "InService", "detach", "next-start"),
        (THEIRS, "Stopped", "none", "absent"),
        (WHOLE, "Stopped", "none", "disassociate"),
        (WHOLE, "InService", "none", "stop-first"),
        (WITH.replace(b"true", b"false"), "Stopped", "refused", "skipped"),
    ],
)
def test_an_instance_is_rid_of_it_by_its_configuration_or_of_its_configuration(script, status, config_action, instance_action):
    plan = plan_detach(seen({"team": script}, {"one": (status, "team")}), shared=False, force=False)
    assert (config_actions(plan), instance_actions(plan)) == ({"team": config_action}, {"one": instance_action})


def test_an_instance_without_a_configuration_has_nothing_to_be_rid_of():
    assert instance_actions(plan_detach(seen({}, {"one": ("Stopped",)}), shared=False, force=False)) == {"one": "absent"}


def test_a_configuration_with_another_script_for_the_creation_stays_with_its_instances():
    there = seen({"team": WHOLE}, {"one": ("Stopped", "team")})
    there = replace(there, configurations=tuple(replace(one, on_create="IyEv") for one in there.configurations))
    plan = plan_detach(there, shared=False, force=False)
    assert (config_actions(plan), instance_actions(plan)) == ({"team": "detach"}, {"one": "next-start"})
    assert plan.configurations[0].after == b""


def test_one_of_ours_is_made_once_and_not_over_another():
    assert config_actions(plan_create(seen({}, {}), "nb-updater", lambda _: OLD)) == {"nb-updater": "create"}
    assert config_actions(plan_create(seen({"nb-updater": WHOLE}, {}), "nb-updater", lambda _: OLD)) == {"nb-updater": "none"}
    other = plan_create(seen({"nb-updater": THEIRS}, {}), "nb-updater", lambda _: OLD)
    assert (config_actions(other), other.configurations[0].code) == ({"nb-updater": "refused"}, "exists")


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
