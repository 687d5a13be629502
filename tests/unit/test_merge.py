"""Our block in another script: inserted, found, replaced, removed; every other byte is unchanged."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from jupyter_nb_updater.lifecycle.merge import (
    MAX_SCRIPT_BYTES,
    SAFE_SCRIPT_BYTES,
    BlockForms,
    NotMerged,
    attach,
    detach,
    digest,
    find,
    interpreter,
    limit,
)

SCRIPTS = sorted(Path(__file__).with_name("scripts").glob("*.script"))
BEGIN, END = "# >>> jupyter-nb-updater {} >>> Ours.\n", "# <<< jupyter-nb-updater <<<\n"


def forms(version="0.1.0", long=8000, short=700):
    """Return blocks of these lengths."""

    def block(length):
        begin = BEGIN.format(version)
        return begin + "#" * (length - len(begin) - len(END) - 1) + "\n" + END

    blocks = block(long), block(short)
    return BlockForms(f"#!/bin/bash\n{blocks[0]}exit 0\n".encode(), *(text.encode() for text in blocks))


OURS = forms()


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.stem)
def script(request):
    return request.param.read_bytes()


def test_there_are_scripts_enough_and_of_every_shape():
    texts = [path.read_bytes() for path in SCRIPTS]
    assert len(texts) >= 32
    assert any(len(text) > 15_000 for text in texts)
    assert any(b"\r\n" in text for text in texts)
    assert any(text and not text.endswith(b"\n") for text in texts)
    assert any(not text for text in texts)


def test_what_is_attached_is_detached_byte_for_byte_and_that_is_proven(script):
    merged = attach(script, OURS, MAX_SCRIPT_BYTES)
    found = detach(merged.text)
    assert found.without_block == script
    assert found.is_own_script or (found.is_restored and digest(script).startswith(found.original))
    assert not found.is_edited


def test_attaching_twice_is_attaching_once(script):
    merged = attach(script, OURS, MAX_SCRIPT_BYTES)
    assert attach(merged.text, OURS, MAX_SCRIPT_BYTES) == merged


def test_an_update_takes_the_place_of_the_older_block_and_keeps_the_proof(script):
    newer = forms("0.2.0", 7000)
    updated = attach(attach(script, OURS, MAX_SCRIPT_BYTES).text, newer, MAX_SCRIPT_BYTES)
    assert find(updated.text).version == "0.2.0"
    assert updated == attach(script, newer, MAX_SCRIPT_BYTES)


def test_the_first_line_stays_the_first():
    assert attach(b"#!/bin/bash -ex\necho\n", OURS, SAFE_SCRIPT_BYTES).text.startswith(
        b"#!/bin/bash -ex\n# >>> jupyter-nb-updater 0.1.0 >>>"
    )
    assert attach(b"echo\n", OURS, SAFE_SCRIPT_BYTES).text.startswith(b"# >>> jupyter-nb-updater 0.1.0 >>> Ours. original:")


def test_where_there_was_none_the_script_is_ours_from_end_to_end():
    merged = attach(b"", OURS, SAFE_SCRIPT_BYTES)
    found = detach(merged.text)
    assert found.is_own_script
    assert found.without_block == b""
    assert merged.text.startswith(b"#!/bin/bash\n")
    assert find(attach(merged.text, forms("0.2.0"), SAFE_SCRIPT_BYTES).text).version == "0.2.0"


def test_a_script_that_was_printed_and_put_there_by_hand_is_known_as_ours():
    assert find(attach(OURS.whole, forms(), SAFE_SCRIPT_BYTES).text).is_own_script


def test_a_block_that_was_put_there_by_hand_is_taken_out_but_nothing_is_proven():
    found = detach(b"#!/bin/bash\necho\n" + OURS.block + b"exit 0\n")
    assert found.without_block == b"#!/bin/bash\necho\nexit 0\n"
    assert found.is_restored is None


def test_theirs_may_be_changed_around_the_block_and_detach_says_so():
    merged = attach(b"#!/bin/bash\necho one\n", OURS, SAFE_SCRIPT_BYTES).text
    changed = merged.replace(b"echo one", b"echo two") + b"echo three"
    found = detach(changed)
    assert found.without_block == b"#!/bin/bash\necho two\necho three"
    assert found.is_restored is False
    again = find(attach(changed, forms("0.2.0"), SAFE_SCRIPT_BYTES).text)
    assert again.without_block == found.without_block
    assert again.is_restored is False


@pytest.mark.parametrize("theirs", [b"#!/bin/bash\necho\n", b""])
def test_what_somebody_has_changed_in_our_part_is_discarded_only_when_that_is_said(theirs):
    merged = attach(theirs, OURS, SAFE_SCRIPT_BYTES).text
    edited = merged.replace(b"####", b"echo\n", 1)
    for change in (lambda: attach(edited, OURS, SAFE_SCRIPT_BYTES), lambda: detach(edited)):
        with pytest.raises(NotMerged, match="somebody has edited") as refused:
            change()
        assert refused.value.code == "edited"
    assert attach(edited, OURS, SAFE_SCRIPT_BYTES, force=True).text == merged
    assert detach(edited, force=True).without_block == theirs


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(END.encode(), b""),
        lambda text: text.replace(b"# >>> jupyter-nb-updater 0.1.0 >>>", b"# jupyter-nb-updater 0.1.0 >>>"),
        lambda text: text.replace(b"# <<< jup", b" <<< jup"),
        lambda text: text + END.encode(),
        lambda text: text + OURS.block,
        lambda text: END.encode() + text.replace(END.encode(), b""),
        lambda text: text.replace(b"0.1.0 >>>", b">>>"),
    ],
)
def test_marks_that_were_damaged_are_named_and_nothing_is_guessed(damage):
    damaged = damage(attach(b"#!/bin/bash\necho\n", OURS, SAFE_SCRIPT_BYTES).text)
    for change in (lambda: attach(damaged, OURS, SAFE_SCRIPT_BYTES, force=True), lambda: detach(damaged, force=True)):
        with pytest.raises(NotMerged, match="by hand") as refused:
            change()
        assert refused.value.code == "damaged"


def test_without_our_block_there_is_nothing_to_take_out():
    assert find(b"#!/bin/bash\n# about jupyter-nb-updater, version 1\npip install jupyter-nb-updater >> log\n") is None
    with pytest.raises(NotMerged, match="does not have the extension"):
        detach(b"#!/bin/bash\n")


def test_a_script_that_leaves_no_room_gets_the_short_form():
    room = SAFE_SCRIPT_BYTES - len(attach(b"#!/bin/bash\n", OURS, SAFE_SCRIPT_BYTES).text)
    fits = b"#!/bin/bash\n" + b"#" * (room - 1) + b"\n"
    assert not attach(fits, OURS, SAFE_SCRIPT_BYTES).is_short
    longer = attach(fits + b"\n", OURS, SAFE_SCRIPT_BYTES)
    assert longer.is_short
    assert attach(longer.text, OURS, SAFE_SCRIPT_BYTES) == longer


def test_one_for_which_even_that_is_too_long_is_refused_with_the_figures():
    with pytest.raises(NotMerged, match=r"12,000 bytes and the block 765, in all 12,765; AWS accepts 12,288"):
        attach(b"#!/bin/bash\n" + b"#" * 11_987 + b"\n", OURS, SAFE_SCRIPT_BYTES)
    without = BlockForms(OURS.whole, OURS.block, b"", "the short form needs --sha256")
    with pytest.raises(NotMerged, match=r"accepts 12,288\. the short form needs --sha256"):
        attach(b"#!/bin/bash\n" + b"#" * 8000 + b"\n", without, SAFE_SCRIPT_BYTES)


def test_a_longer_script_that_aws_has_taken_proves_where_its_limit_is():
    assert limit([b"", b"#" * SAFE_SCRIPT_BYTES]) == SAFE_SCRIPT_BYTES
    assert limit([b"", b"#" * (SAFE_SCRIPT_BYTES + 1)]) == MAX_SCRIPT_BYTES
    fifteen = next(path for path in SCRIPTS if path.stem == "fifteen-kilobytes").read_bytes()
    assert attach(fifteen, OURS, limit([fifteen])).is_short


@pytest.mark.parametrize(
    ("script", "code", "why"),
    [
        (b"#!/usr/bin/env python3\nprint()\n", "not-bash", "runs in python3"),
        (b"#!/usr/bin/python\n", "not-bash", "file from a bash script"),
        (b"#!/usr/bin/env -S FOO=1 perl -w\n", "not-bash", "runs in perl"),
        (b"#!/bin/zsh\n", "not-bash", "runs in zsh"),
        ("#!/bin/bash\necho\n".encode("utf-16"), "not-text", "UTF-8"),
        (b"\x7fELF\x02\x01\x01\0\0", "not-text", "NUL"),
        (b'#!/bin/bash\ntail -n +4 "$0" | tar xz -C /opt\nexit 0\n\x1f\x8b', "reads-itself", "by line number"),
        (b"#!/bin/bash\nsed '1,10d' \"${BASH_SOURCE[0]}\" | bash\n", "reads-itself", "by line number"),
    ],
)
def test_what_cannot_take_our_block_is_refused_with_what_to_do(script, code, why):
    with pytest.raises(NotMerged, match=why) as refused:
        attach(script, OURS, SAFE_SCRIPT_BYTES)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"#!/bin/sh", "sh"),
        (b"#! /bin/bash -e", "bash"),
        (b"#!/usr/bin/env bash", "bash"),
        (b"#!/usr/bin/env -S -u HOME bash -x", "bash"),
        (b"#!/bin/bash\r", "bash"),
        (b"#!", None),
        (b"echo", None),
    ],
)
def test_what_runs_a_script_is_read_from_its_first_line(first, name):
    assert interpreter(first + b"\necho\n") == name


def test_a_file_that_an_editor_has_given_other_line_ends_is_seen_as_changed():
    merged = attach(b"#!/bin/bash\necho\n", OURS, SAFE_SCRIPT_BYTES).text.replace(b"\n", b"\r\n")
    assert find(merged).is_edited


@given(
    st.lists(st.sampled_from([b"#!/bin/bash", b"\n", b"\r\n", b"echo", b" ", b"'", b"EOF", b"\xff", b"\\", b"#"])).map(b"".join)
)
def test_whatever_the_bytes_they_come_back(script):
    try:
        merged = attach(script, OURS, MAX_SCRIPT_BYTES)
    except NotMerged as refused:
        assert refused.code == "not-bash"  # noqa: PT017  `#!/bin/bashecho` is another program
        return
    found = detach(merged.text)
    assert found.without_block == script
    assert found.is_own_script or found.is_restored
