"""Event patterns as EventBridge matches them: the examples of its User Guide, and what the guide says in words."""

import pytest

from jupyter_nb_updater.cloud.event_pattern import PartlyKnown, Value, matches, wildcard_error

EVENT = {
    "version": "0",
    "source": "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    "time": "2022-07-13T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {
        "instance-id": "i-abcd1111",
        "state": "terminated",
        "c-count": 300,
        "d-count": 3.5,
        "FileName": "picture.png",
        "empty": "",
        "userIdentity": {"sessionContext": {"sessionIssuer": {"userName": None}}},
        "is-public": True,
        "tags": ["blue", "green"],
        "items": [{"kind": "a", "size": 1}, {"kind": "b", "size": 2}],
    },
}

# What is wanted of one member of `detail`, and whether the event has it.
OF_A_MEMBER = [
    # Exact values: case counts, and numbers are compared by their text.
    ("state", ["terminated"], True),
    ("state", ["running", "terminated"], True),
    ("state", ["Terminated"], False),
    ("state", [], None),
    ("c-count", [300], True),
    ("c-count", [300.0], False),
    ("c-count", ["300"], False),
    ("is-public", [True], True),
    ("is-public", [1], False),
    ("empty", [""], True),
    ("state", [""], False),
    ("state", [None], False),
    ("missing", ["x"], False),
    ("missing", [None], False),
    # prefix, suffix, equals-ignore-case
    ("state", [{"prefix": "term"}], True),
    ("state", [{"prefix": "Term"}], False),
    ("state", [{"prefix": {"equals-ignore-case": "TERM"}}], True),
    ("state", [{"prefix": {"equals-ignore-case": "run"}}], False),
    ("FileName", [{"suffix": ".png"}], True),
    ("FileName", [{"suffix": ".PNG"}], False),
    ("FileName", [{"suffix": {"equals-ignore-case": ".PNG"}}], True),
    ("state", [{"equals-ignore-case": "TERMINATED"}], True),
    ("state", [{"equals-ignore-case": "TERMINATE"}], False),
    ("c-count", [{"prefix": "3"}], False),
    ("missing", [{"prefix": ""}], False),
    # wildcard
    ("FileName", [{"wildcard": "*.png"}], True),
    ("FileName", [{"wildcard": "pic*.png"}], True),
    ("FileName", [{"wildcard": "picture.png"}], True),
    ("FileName", [{"wildcard": "picture.png*"}], True),
    ("FileName", [{"wildcard": "*"}], True),
    ("FileName", [{"wildcard": "Pic*"}], False),
    ("FileName", [{"wildcard": "pic*.jpg"}], False),
    ("FileName", [{"wildcard": "picture?png"}], False),
    ("FileName", [{"wildcard": r"picture.\*"}], False),
    ("FileName", [{"wildcard": "**.png"}], None),
    ("FileName", [{"wildcard": r"pic\ture"}], None),
    ("c-count", [{"wildcard": "*"}], False),
    # anything-but
    ("state", [{"anything-but": "initializing"}], True),
    ("state", [{"anything-but": "terminated"}], False),
    ("state", [{"anything-but": ["stopped", "overloaded"]}], True),
    ("state", [{"anything-but": ["stopped", "terminated"]}], False),
    ("c-count", [{"anything-but": 123}], True),
    ("c-count", [{"anything-but": [100, 200, 300]}], False),
    ("state", [{"anything-but": {"prefix": "init"}}], True),
    ("state", [{"anything-but": {"prefix": ["init", "term"]}}], False),
    ("FileName", [{"anything-but": {"suffix": ".txt"}}], True),
    ("FileName", [{"anything-but": {"suffix": [".txt", ".png"]}}], False),
    ("state", [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}], True),
    ("state", [{"anything-but": {"equals-ignore-case": "TERMINATED"}}], False),
    ("FileName", [{"anything-but": {"wildcard": "*/lib/*"}}], True),
    ("FileName", [{"anything-but": {"wildcard": ["*/lib/*", "*.png"]}}], False),
    ("FileName", [{"anything-but": {"numeric": ["=", 1]}}], None),
    ("FileName", [{"anything-but": {"prefix": "a", "suffix": "b"}}], None),
    ("FileName", [{"anything-but": {"prefix": []}}], None),
    ("missing", [{"anything-but": "x"}], False),
    # exists, of leaves only
    ("state", [{"exists": True}], True),
    ("state", [{"exists": False}], False),
    ("missing", [{"exists": False}], True),
    ("missing", [{"exists": True}], False),
    ("userIdentity", [{"exists": True}], None),
    ("state", [{"exists": "yes"}], None),
    # numeric
    ("c-count", [{"numeric": [">", 0, "<=", 300]}], True),
    ("c-count", [{"numeric": ["<", 300]}], False),
    ("c-count", [{"numeric": ["=", 3.0e2]}], True),
    ("d-count", [{"numeric": ["<", 10]}], True),
    ("d-count", [{"numeric": [">=", 3.5, "<", 3.5]}], False),
    ("state", [{"numeric": [">", 0]}], False),
    ("is-public", [{"numeric": [">", 0]}], False),
    ("c-count", [{"numeric": ["~", 1]}], None),
    ("c-count", [{"numeric": [">", "0"]}], None),
    ("c-count", [{"numeric": [">"]}], None),
    # lists in the event: one of their values has to match
    ("tags", ["green"], True),
    ("tags", ["red"], False),
    ("tags", [{"prefix": "bl"}], True),
    ("tags", [{"anything-but": "blue"}], True),
    ("tags", [{"anything-but": ["blue", "green"]}], False),
    ("items", {"kind": ["b"]}, True),
    ("items", {"kind": ["b"], "size": [2]}, True),
    ("items", {"kind": ["b"], "size": [1]}, False),
    # one of several is enough
    ("state", ["running", {"prefix": "term"}], True),
    ("state", [{"prefix": "run"}, {"suffix": "ing"}], False),
    # nested objects, and what an operator says of an object
    ("userIdentity", {"sessionContext": {"sessionIssuer": {"userName": [None]}}}, True),
    ("userIdentity", {"sessionContext": {"sessionIssuer": {"userName": ["x"]}}}, False),
    ("userIdentity", [{"prefix": "x"}], False),
    ("state", {"name": ["terminated"]}, False),
    # what is unknown here is never a proof, unless something else decides
    ("state", [{"sounds-like": "terminated"}], None),
    ("state", [{"sounds-like": "x"}, "terminated"], True),
    ("state", [{"cidr": "10.0.0.0/24"}], None),
    ("state", [{"prefix": "a", "suffix": "b"}], None),
    ("state", [{"prefix": 1}], None),
    ("state", "terminated", None),
    ("userIdentity", {}, None),
]


@pytest.mark.parametrize(("name", "wanted", "expected"), OF_A_MEMBER, ids=lambda value: str(value)[:48])
def test_a_member_of_the_detail_matches_as_the_user_guide_says(name, wanted, expected):
    assert matches({"detail": {name: wanted}}, EVENT) is expected


OF_AN_EVENT = [
    ({"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}, True),
    ({"source": ["aws.ec2"], "detail": {"state": ["running"]}}, False),
    ({"resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"]}, True),
    ({"resources": [{"suffix": "instance/i-abcd1111"}]}, True),
    ({"detail": {"$or": [{"c-count": [{"numeric": [">", 500]}]}, {"state": ["terminated"]}]}}, True),
    ({"detail": {"$or": [{"c-count": [{"numeric": [">", 500]}]}, {"state": ["running"]}]}}, False),
    ({"source": ["aws.s3"], "$or": [{"region": ["us-east-1"]}, {"region": ["eu-west-1"]}]}, False),
    ({"$or": [{"source": ["aws.s3"]}, {"detail": {"state": [{"sounds-like": "x"}]}}]}, None),
    ({"$or": [{"source": ["aws.ec2"]}, {"detail": {"state": [{"sounds-like": "x"}]}}]}, True),
    ({"$or": []}, None),
    ({"$or": ["x"]}, None),
    ({"source": ["aws.s3"], "detail": {"state": [{"sounds-like": "x"}]}}, False),
    ({"source": ["aws.ec2"], "detail": {"state": [{"sounds-like": "x"}]}}, None),
    ({}, None),
    ([], None),
]


@pytest.mark.parametrize(("pattern", "expected"), OF_AN_EVENT, ids=str)
def test_every_part_of_a_pattern_has_to_match(pattern, expected):
    assert matches(pattern, EVENT) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"name": ["a"]}, True),
        ({"name": ["b"]}, False),
        ({"size": [1]}, None),
        ({"size": [{"exists": True}]}, None),
        ({"name": ["b"], "size": [1]}, False),
        ({"name": ["a"], "size": [1]}, None),
        ({"tags": {"team": ["x"]}}, None),
        ({"time": ["x"]}, None),
    ],
    ids=str,
)
def test_a_value_that_only_the_real_event_has_proves_nothing(wanted, expected):
    assert matches({"detail": wanted}, {"detail": PartlyKnown(name="a", size=Value.UNKNOWN)}) is expected


@pytest.mark.parametrize(
    ("pattern", "is_valid"),
    [
        *(("*", True), ("research-*", True), ("a*b*c", True), (r"a\*", True), (r"\\*", True), (r"\**", True), ("", True)),
        *(("**", False), ("a**b", False), (r"a\b", False), ("a\\", False), (r"\\**", False)),
    ],
)
def test_a_wildcard_that_eventbridge_refuses_has_a_reason(pattern, is_valid):
    assert (wildcard_error(pattern) == "") is is_valid
