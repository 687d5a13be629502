"""Another wheel keeps the settings of a block: an update does not lose a configured policy."""

import pytest
from hypothesis import given, strategies as st

from jupyter_nb_updater.lifecycle.merge import MAX_SCRIPT_BYTES, attach
from jupyter_nb_updater.lifecycle.options import Script, configuration, settings, with_kept_settings
from jupyter_nb_updater.lifecycle.render import block_forms

PLACE = "s3://example-bucket/nb-updater"
OLD, NEW = (f"{PLACE}/jupyter_nb_updater-{version}-py3-none-any.whl" for version in ("0.1.0", "0.2.0"))
THEIRS = b"#!/bin/bash\nset -- one two\necho theirs\n"
POLICY = "https://example.com/policy.json?for=it's me"


def script(wheel=OLD, sha256="a" * 64, **more):
    return Script(wheel, sha256, **more)


def scripts(ours):
    """Return the three possible scripts: our block alone, in another script, and its short form in another script."""
    made = block_forms(ours)
    texts = [attach(b"", made, MAX_SCRIPT_BYTES).text, attach(THEIRS, made, MAX_SCRIPT_BYTES).text]
    return [*texts, attach(THEIRS, made, len(THEIRS) + 1024).text] if made.short else texts


def test_a_policy_and_settings_stay_when_only_the_wheel_is_another():
    before = script(configuration=configuration(["StateMonitor.poll_seconds=60"], POLICY), home="/home/other")
    for text in scripts(before):
        after = with_kept_settings(script(NEW, "b" * 64), text)
        assert (after.wheel, after.sha256, after.home) == (NEW, "b" * 64, "/home/other")
        assert after.configuration == {"StateMonitor": {"poll_seconds": 60}, "PolicyManager": {"url": POLICY}}


def test_what_is_said_now_wins_and_the_rest_stays():
    before = script(configuration=configuration(["StateMonitor.poll_seconds=60", "StateMonitor.shift=0.5"]), home="/home/other")
    now = script(NEW, configuration=configuration(["StateMonitor.poll_seconds=90"], POLICY), home="/home/third")
    for text in scripts(before):
        after = with_kept_settings(now, text)
        assert after.home == "/home/third"
        assert after.configuration == {"StateMonitor": {"poll_seconds": 90, "shift": 0.5}, "PolicyManager": {"url": POLICY}}


def test_how_long_a_script_of_our_own_waits_stays():
    assert with_kept_settings(script(), scripts(script(wait_seconds=20))[0]).wait_seconds == 20
    assert with_kept_settings(script(wait_seconds=5), scripts(script(wait_seconds=20))[0]).wait_seconds == 5


def test_a_package_index_stays_with_a_wheel_from_an_index_and_goes_with_one_from_a_place():
    name, index = "jupyter-nb-updater==0.{}.0", "https://packages.example.com/simple"
    before = scripts(Script(name.format(1), index_url=index))[0]
    assert with_kept_settings(Script(name.format(2)), before).index_url == index
    assert with_kept_settings(script(NEW), before).index_url == ""


@pytest.mark.parametrize(
    "text",
    [
        b"",
        THEIRS,
        b"# >>> jupyter-nb-updater 0.1.0 >>>\n# <<< jupyter-nb-updater <<<\nset -- home=/theirs\n",
        b"# >>> jupyter-nb-updater 0.1.0 >>>\n(\n  set -- 'configuration={\n# <<< jupyter-nb-updater <<<\n",
        b"# >>> jupyter-nb-updater 0.1.0 >>>\n(\n  set -- configuration=[1] wait=soon\n# <<< jupyter-nb-updater <<<\n",
        b"# >>> jupyter-nb-updater 0.1.0 >>>\n(\n  set -- 'configuration={\"Watch\":1}' \xff\n# <<< jupyter-nb-updater <<<\n",
    ],
)
def test_where_nothing_can_be_read_the_script_is_as_it_was_asked_for(text):
    assert with_kept_settings(script(NEW), text) == script(NEW)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
)


@given(st.dictionaries(st.sampled_from(["url", "a_b", "c"]), VALUES, max_size=2))
def test_any_value_of_a_setting_comes_out_as_it_went_in(traits):
    before = script(configuration={"PolicyManager": traits} if traits else {})
    for text in scripts(before):
        assert with_kept_settings(script(NEW), text).configuration == before.configuration
        assert settings(text)["wheel"] == OLD
