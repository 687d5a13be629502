"""Match events with the pattern of a rule, as Amazon EventBridge does.

Sources: EventBridge User Guide, "Creating Amazon EventBridge event patterns" and "Comparison operators for use in event
patterns"; aws/event-ruler, the matcher of EventBridge, for what the guide leaves open. A match is ``None`` where that is not
certain: an operator that is unknown here, or a value that only the real event has. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

Match = bool | None
"""Whether something matches; ``None`` for unknown."""


class Value(Enum):
    """What takes the place of a value in an event."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


class PartlyKnown(dict[str, Any]):
    """An object of an event that may have further members with unknown values."""


Test = Callable[[Any], Match]
"""Tests one value of an event, which is neither an object nor a list."""


def matches(pattern: Any, event: Mapping[str, Any]) -> Match:
    """Return whether an event matches a pattern.

    Args:
        pattern: the parsed event pattern.
        event: the event, or what is known of it.
    """
    return _matches_object(pattern, event) if isinstance(pattern, dict) else None


def all_match(results: Iterable[Match]) -> Match:
    """Return whether all of several results are matches; one that is not decides.

    Args:
        results: of :func:`matches`.
    """
    found = list(results)
    return False if False in found else None if None in found else True


def _any_matches(results: Iterable[Match]) -> Match:
    found = list(results)
    return True if True in found else None if None in found else False


def _not(result: Match) -> Match:
    return None if result is None else not result


def _matches_object(pattern: dict[str, Any], value: Any) -> Match:
    if not pattern:
        return None  # AWS refuses it: "Empty objects are not allowed"
    return all_match(_matches_member(name, wanted, value) for name, wanted in pattern.items())


def _matches_member(name: str, wanted: Any, value: Any) -> Match:
    if name == "$or":
        is_list = isinstance(wanted, list) and all(isinstance(one, dict) for one in wanted) and wanted
        return _any_matches(_matches_object(one, value) for one in wanted) if is_list else None
    if isinstance(value, list):  # of objects: one of them has to match as a whole (aws/event-ruler, "Arrays")
        return _any_matches(_matches_member(name, wanted, one) for one in value)
    member = _member(value, name)
    if isinstance(wanted, dict):
        if isinstance(member, list):
            return _any_matches(_matches_object(wanted, one) for one in member)
        return None if member is Value.UNKNOWN else _matches_object(wanted, member)
    return _matches_leaf(wanted, member) if isinstance(wanted, list) and wanted else None


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, Value.UNKNOWN if isinstance(value, PartlyKnown) else Value.ABSENT)
    return Value.ABSENT


def _matches_leaf(wanted: list[Any], value: Any) -> Match:
    return _any_matches(_matches_one(one, value) for one in wanted)


def _matches_one(wanted: Any, value: Any) -> Match:
    if value is Value.UNKNOWN:
        return None
    if isinstance(wanted, dict):
        if len(wanted) != 1:
            return None
        ((operator, operand),) = wanted.items()
        if operator == "exists":
            return _exists(operand, value)
        test = _operator(operator, operand)
        if test is None:
            return None
    else:
        test = _equals(wanted)
    if value is Value.ABSENT or isinstance(value, Mapping):  # an operator compares the values of leaves only
        return False
    return _any_matches(map(test, value)) if isinstance(value, list) else test(value)


def _exists(operand: Any, value: Any) -> Match:
    """Match ``exists``, which "only works on leaf nodes. It does not work on intermediate nodes" (User Guide)."""
    if not isinstance(operand, bool) or isinstance(value, Mapping) or value == []:
        return None
    return (value is not Value.ABSENT) == operand


def _operator(name: str, operand: Any) -> Test | None:
    """Return the test of an operator; ``None`` if the operator, or its operand, is unknown here."""
    match name, operand:
        case "prefix" | "suffix" | "equals-ignore-case" | "wildcard", _:
            return _text(name, operand)
        case "anything-but", _:
            return _anything_but(operand)
        case "numeric", [_, *_] if len(operand) % 2 == 0:
            tests = [_compare(sign, limit) for sign, limit in zip(operand[::2], operand[1::2], strict=True)]
            return lambda value: all_match(test(value) for test in tests)
    return None


def _text(name: str, operand: Any) -> Test | None:
    """Return the test of an operator on text. Other values never match."""
    match name, operand:
        case (("prefix" | "suffix"), {"equals-ignore-case": str(text)}) if len(operand) == 1:
            return _affix(name, text.lower(), str.lower)
        case (("prefix" | "suffix"), str(text)):
            return _affix(name, text, str)
        case "equals-ignore-case", str(text):
            return lambda value: isinstance(value, str) and value.lower() == text.lower()
        case "wildcard", str(text) if wildcard_error(text) == "":
            expression = wildcard_expression(text)
            return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None
    return None


def _affix(name: str, text: str, fold: Callable[[str], str]) -> Test:
    if name == "prefix":
        return lambda value: isinstance(value, str) and fold(value).startswith(text)
    return lambda value: isinstance(value, str) and fold(value).endswith(text)


def _anything_but(operand: Any) -> Test | None:
    """Return the test of ``anything-but``: a value, a list of them, or an operator on text with one operand or a list."""
    if not isinstance(operand, dict):
        values = operand if isinstance(operand, list) else [operand]
        excluded: list[Test] = [_equals(value) for value in values]
        return lambda value: _not(_any_matches(test(value) for test in excluded))
    if len(operand) != 1:
        return None
    ((name, inner),) = operand.items()
    tests = [_text(name, one) for one in (inner if isinstance(inner, list) else [inner])]
    known = [test for test in tests if test is not None]
    return (lambda value: _not(_any_matches(test(value) for test in known))) if known and len(known) == len(tests) else None


def _equals(wanted: Any) -> Test:
    """Compare exactly: the case of text counts, and numbers by their text, "so 300, 300.0, and 3.0e2 are not equal"."""
    return lambda value: type(value) is type(wanted) and value == wanted


def _compare(sign: Any, limit: Any) -> Test:
    def test(value: Any) -> Match:
        if not _is_number(limit):
            return None
        if not _is_number(value):
            return False
        results = {"=": value == limit, "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}
        return results.get(sign)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def wildcard_expression(text: str) -> re.Pattern[str]:
    r"""Return the regular expression of a valid wildcard pattern: ``*`` is any text, ``\*`` and ``\\`` are themselves.

    Args:
        text: the pattern.
    """
    parts = re.findall(r"\\[*\\]|[^\\]", text, re.DOTALL)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1]) for part in parts), re.DOTALL)


def wildcard_error(text: str) -> str:
    r"""Return why EventBridge refuses a wildcard pattern; empty if it does not.

    "Consecutive wildcard characters are not supported", and a backslash escapes only ``*`` and itself (User Guide).

    Args:
        text: the pattern.
    """
    if re.fullmatch(r"(\\[*\\]|[^\\])*", text, re.DOTALL) is None:
        return "a backslash escapes only * and itself"
    return "consecutive * are not allowed" if re.search(r"(?<!\\)(\\\\)*\*\*", text) else ""


def without_capitals(pattern: str) -> str:
    """Return a wildcard pattern that matches the same text, and the same text in lower case: each capital letter is ``*``.

    Args:
        pattern: a wildcard pattern, or a name.
    """
    return re.sub(r"[A-Z*]+", "*", pattern)
