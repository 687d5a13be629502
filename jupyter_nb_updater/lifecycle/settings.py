"""The settings that a block of ours was made with, and what stays of them in the next. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from .merge import BEGIN, END
from .options import Script

SET = re.compile(rb"^[ \t(]*set -- (?P<words>[^\n]+)$", re.MULTILINE)
USUAL = {one.name: one.default for one in fields(Script)}


def settings(script: bytes) -> dict[str, str]:
    """Of the block in an OnStart script.

    Args:
        script: it may have none, or one that somebody has damaged.

    Returns:
        Name to value, as ``Script.settings`` gives them; empty when there are none to read.
    """
    begin = BEGIN.search(script)
    found = SET.search(END.split(script[begin.end() :], 1)[0]) if begin else None
    try:
        words = shlex.split(found["words"].decode()) if found else []
    except ValueError:
        return {}
    return {name: value for name, equals, value in (word.partition("=") for word in words) if equals}


def kept(script: Script, before: bytes) -> Script:
    """The script with what the block before it says, where the script itself says nothing.

    Args:
        script: as it was asked for; its wheel and hash are the new ones in any case.
        before: the OnStart script that it goes into.
    """
    old = settings(before)
    wait = old.get("wait", "")
    named: dict[str, Any] = {
        "home": old.get("home"),
        "index_url": old.get("index") if script.from_index else None,
        "wait_seconds": int(wait) if wait.isdigit() else None,
    }
    stays = {name: value for name, value in named.items() if value is not None and getattr(script, name) == USUAL[name]}
    return replace(script, configuration=_merged(_configuration(old.get("configuration", "")), script.configuration), **stays)


def _merged(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: {**old.get(name, {}), **new.get(name, {})} for name in {**old, **new}}


def _configuration(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {name: traits for name, traits in found.items() if isinstance(traits, dict)} if isinstance(found, dict) else {}
