"""The package keeps its limits: few files, no fragments, one name for one thing."""

import ast
from collections import Counter
from statistics import median

from . import house

MAX_FILES = 200
FRAGMENT_LINES = 60
MAX_FRAGMENTS = 35
MAX_FILE_LINES = 400
MEDIAN_LINES = range(90, 141)
MAX_CONSTRUCTOR_PARAMETERS = 8
MAX_CALLABLE_PARAMETERS = 12

# Names of an earlier, private vocabulary, and what the field calls the same thing. None of them is an identifier any more.
RETIRED_CLASSES = {
    "Advising": "AdviceService", "Back": "Restored", "Checkup": "Doctor", "Configurations": "LifecycleClient",
    "Course": "RunProgress", "Courier": "DocumentFetcher", "Covered": "AccountedFor", "Desk": "SessionRestore",
    "Drawer": "FileSet", "Evidence": "RestartHistory", "FirstLook": "FirstSeen", "Floor": "MinSerial", "Forms": "BlockForms",
    "Found": "FetchResult", "InForce": "ActivePolicy", "Kept": "SourceState", "Limits": "FetchLimits", "Listed": "OrgAdvisory",
    "Listing": "AdvisoryList", "Look": "EnvironmentScan", "Lookout": "SourcePoller", "Memory": "RestoreState",
    "Missing": "NotRestored", "Moment": "IdleWaiter", "News": "StackEvents", "NoServer": "ServerNotFound",
    "Observation": "FleetReport", "Offers": "Candidates", "Order": "RestartOrder", "Organisation": "PolicyManager",
    "Outlook": "RiskMonitor", "Place": "S3Prefix", "Presence": "OpenPages", "Publishing": "FleetTagPublisher",
    "PuttingBack": "PackageReinstaller", "Refused": "PolicyRejected", "Request": "RestartRequest",
    "Requirement": "PolicyEnforcer", "Rhythm": "PollInterval", "Rooms": "CollaborativeRooms", "Seen": "NewestVersion",
    "Shelf": "FileMirror", "Signers": "SignatureVerifier", "Situation": "AdviceContext", "Standing": "PackageStatus",
    "Surroundings": "EnvironmentState", "Thing": "ChangedPath", "Todo": "ConfigAction", "Told": "RestoreReport",
    "Trial": "PermissionProbe", "Turn": "FileLock", "Undone": "CommandError", "Unfit": "NotCopyable",
    "Unusable": "KeyUnavailable", "View": "DescriptionCache", "Watch": "StateMonitor", "Ways": "SourceContext",
    "Wishes": "ReinstallPreferences",
}  # fmt: skip
RETIRED_NAMES = {
    "admit": "check_admissible", "answered": "ineffective", "apart": "standalone", "aside": "run_low_priority",
    "barked": "expired", "barred": "excluded", "beside": "signature_url", "carry_out": "apply", "claim": "folder_lock",
    "complain": "error", "courier": "fetch", "desk": "restore", "desk_id": "restore_id", "elsewhere": "unsaved_widgets",
    "every_seconds": "interval_seconds", "every_source": "build_sources", "first_look": "first_seen", "give_back": "release",
    "hindered": "blocked", "holder": "multiplexer_kind", "is_left": "is_idle", "is_there": "is_satisfied",
    "is_whole": "is_complete", "judged": "with_outcome", "judgement": "status", "keeping": "enabled",
    "kept_files": "dotfiles", "known_by": "safe_etag", "last_look": "snapshot_terminals", "last_words": "error_summary",
    "lay_back": "restore", "lookout": "poller", "loudness": "display_stage", "may_pass": "is_transient",
    "needs_word": "needs_confirmation", "observation": "fleet_report", "offered": "available", "organisation": "organization",
    "outlook": "risks", "put_back": "reinstall", "putting_back": "reinstaller", "rehearse": "dry_run", "rhythm": "interval",
    "shelf": "mirror", "situation": "context", "still_the_newest": "check_serial",
    "sync_all": "sync_filesystems", "tally": "request_counter", "theirs": "script_check", "told": "report",
    "told_by": "merged_with", "trouble": "error", "unproven": "unverified", "unsaved_elsewhere": "unsaved_widgets",
    "wishes": "preferences", "word_seconds": "outcome_timeout_seconds", "words": "the kind of text that it is",
}  # fmt: skip
# Constants that say neither what they bound nor in which unit.
VAGUE_CONSTANTS = {
    "AGAIN", "ASKING", "BURST", "CALM", "GRACE", "LARGEST", "LATER", "LIMIT", "LONG", "LONGEST", "MOST", "NEEDED", "OFTEN",
    "OVER", "PASSING", "PATIENCE", "PAUSE", "SHORT", "SLOW", "SOON", "STEP", "USUAL", "WRONG",
}  # fmt: skip


def test_there_are_few_enough_files():
    assert len(house.modules()) <= MAX_FILES


def test_few_files_are_fragments():
    fragments = {module: lines for module, lines in house.line_counts().items() if lines < FRAGMENT_LINES}
    assert len(fragments) <= MAX_FRAGMENTS, sorted(fragments.items(), key=lambda item: item[1])


def test_no_file_holds_two_ideas():
    assert {module: lines for module, lines in house.line_counts().items() if lines > MAX_FILE_LINES} == {}


def test_the_median_file_is_as_long_as_an_idea():
    assert int(median(house.line_counts().values())) in MEDIAN_LINES


def test_no_constructor_takes_more_than_a_reader_remembers():
    counts = {constructor: len(parameters) for constructor, parameters in house.constructor_parameters().items()}
    assert {constructor: count for constructor, count in counts.items() if count > MAX_CONSTRUCTOR_PARAMETERS} == {}


def test_collaborators_have_a_type_and_are_no_anonymous_functions():
    found = house.callable_parameters()
    assert len(found) <= MAX_CALLABLE_PARAMETERS, "\n".join(f"{one.module}: {one.name}" for one in found)


def test_no_class_or_alias_has_a_name_that_exists_twice():
    definitions = [*house.classes(), *house.aliases()]
    counts = Counter(definition.name for definition in definitions)
    twice = [f"{definition.module}: {definition.name}" for definition in definitions if counts[definition.name] > 1]
    assert not twice, "\n".join(twice)


def test_no_modules_import_each_other():
    assert house.import_circles() == []


def test_no_class_and_no_function_serves_tests_only():
    for_jupyter_and_pytest = {"__init__.py", "pytest_plugin.py"}
    unused = [one for one in house.unused_definitions() if one.module not in for_jupyter_and_pytest]
    assert not unused, "\n".join(f"{one.module}: {one.name}" for one in unused)


def test_one_place_turns_errors_into_http_answers():
    nodes = list(ast.walk(house.syntax_tree("handlers.py")))
    assert [node.lineno for node in nodes if isinstance(node, ast.ExceptHandler)] == []
    numbers = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int)]
    assert [f"{node.lineno}: {node.value}" for node in numbers if node.value >= 400] == []


def test_no_retired_name_is_left():
    retired = RETIRED_CLASSES | RETIRED_NAMES
    left = {module: sorted(names & retired.keys()) for module, names in house.identifiers().items()}
    lines = [f"{module}: {name} (say {retired[name]})" for module, names in left.items() for name in names]
    assert not lines, "\n".join(lines)


def test_every_constant_says_what_it_bounds():
    left = {module: sorted(names & VAGUE_CONSTANTS) for module, names in house.identifiers().items()}
    lines = [f"{module}: {', '.join(names)}" for module, names in left.items() if names]
    assert not lines, "\n".join(lines)
