"""Run a state machine in simulated time, and count the events of its history.

Only what our definition uses. (Amazon States Language specification; Step Functions Developer Guide, "Service quotas": "25,000
events in a single state machine execution history", and the history events of each type of state in the API Reference.)
"""

import json
import re
from copy import deepcopy
from datetime import datetime, timedelta, timezone

BEGINNING = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)

TOKEN = re.compile(r"\s*(States\.\w+\(|'[^']*'|\$(?:\[\?\(.*?\)\]|[^,)\s\[]|\[\d+\])*|-?\d+|[,)])")
SEGMENT = re.compile(r"\.(\w+)|\[(\d+)\]|\[\?\(@\.(\w+)=='([^']*)'\)\]")


class CallRefused(Exception):
    """AWS refuses a call."""


class Execution:
    """One execution of a state machine.

    Args:
        definition: of the state machine.
        call: the API, as a function of the operation, the parameters and the seconds since the beginning.
        refusals: how often each call that is retried is refused at first.
    """

    def __init__(self, definition, call, refusals=0):
        self._definition, self._call, self._refusals = definition, call, refusals
        self.seconds, self.events, self.status, self.cause = 0.0, 1, "RUNNING", ""
        self.visited = []

    def run(self, sent):
        """Run to the end, or to the time limit."""
        name, data = self._definition["StartAt"], sent
        while self.status == "RUNNING":
            if self.seconds > self._definition["TimeoutSeconds"]:
                self.status = "TIMED_OUT"
                return self
            self.visited.append(name)
            name, data = self._step(self._definition["States"][name], data)
        return self

    def _step(self, state, data):
        self.events += 2  # entered and exited, or the end
        self._context = {"State": {"EnteredTime": f"{BEGINNING + timedelta(seconds=int(self.seconds)):%Y-%m-%dT%H:%M:%S}.000Z"}}
        kind = state["Type"]
        if kind in {"Succeed", "Fail"}:
            self.status = "SUCCEEDED" if kind == "Succeed" else "FAILED"
            self.events += kind == "Succeed"
            self.cause = self._path(state["CausePath"], data) if "CausePath" in state else ""
            return None, data
        if kind == "Wait":
            self.seconds += self._path(state["SecondsPath"], data)
            return state["Next"], data
        if kind == "Choice":
            chosen = (choice["Next"] for choice in state["Choices"] if self._holds(choice, data))
            return next(chosen, state.get("Default")), data
        if kind == "Task":
            return self._task(state, data)
        given = self._path(state.get("InputPath", "$"), data)
        result = self._filled(state["Parameters"], given) if "Parameters" in state else state.get("Result", given)
        return state["Next"], _put(state.get("ResultPath", "$"), data, result)

    def _task(self, state, data):
        operation = state["Resource"].rpartition(":")[2]
        (retry,) = state["Retry"]
        wait, parameters = retry["IntervalSeconds"], self._filled(state["Parameters"], data)
        for attempt in range(retry["MaxAttempts"] + 1):
            self.events += 3  # scheduled, started, and succeeded or failed
            try:
                answer = self._answer(attempt, operation, parameters)
                break
            except CallRefused as refused:
                error = str(refused)
            if attempt < retry["MaxAttempts"]:
                self.seconds += wait
                wait *= retry["BackoffRate"]
        else:
            if "Catch" not in state:
                self.status, self.cause = "FAILED", error
                return None, data
            (catch,) = state["Catch"]
            return catch["Next"], _put(catch["ResultPath"], data, {"Cause": error})
        answer = self._filled(state["ResultSelector"], answer) if "ResultSelector" in state else answer
        return state["Next"], _put(state["ResultPath"], data, answer)

    def _answer(self, attempt, operation, parameters):
        if attempt < self._refusals:
            raise CallRefused("Rate exceeded")
        return self._call(operation, parameters, self.seconds)

    def _holds(self, choice, data):
        if "And" in choice:
            return all(self._holds(one, data) for one in choice["And"])
        if "Or" in choice:
            return any(self._holds(one, data) for one in choice["Or"])
        if "Not" in choice:
            return not self._holds(choice["Not"], data)
        ((operator, operand),) = [item for item in choice.items() if item[0] not in {"Variable", "Next"}]
        try:
            value = self._path(choice["Variable"], data)
        except LookupError:
            return (operator == "IsPresent") != operand
        if operator.endswith("Path"):
            operator, operand = operator.removesuffix("Path"), self._path(operand, data)
        return {
            "IsPresent": lambda: operand,
            "IsTimestamp": lambda: (re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", value) is not None) == operand,
            "TimestampGreaterThan": lambda: value > operand,  # both to the second, and in UTC
            "StringEquals": lambda: value == operand,
            "StringMatches": lambda: re.fullmatch(re.escape(operand).replace(r"\*", ".*"), value) is not None,
            "NumericEquals": lambda: value == operand,
            "NumericLessThan": lambda: value < operand,
            "NumericGreaterThan": lambda: value > operand,
            "NumericGreaterThanEquals": lambda: value >= operand,
        }[operator]()

    def _filled(self, template, data):
        """Fill in a payload template: the values of keys that end with ``.$``."""
        if isinstance(template, list):
            return [self._filled(one, data) for one in template]
        if not isinstance(template, dict):
            return template
        return {
            name.removesuffix(".$"): self._value(value, data) if name.endswith(".$") else self._filled(value, data)
            for name, value in template.items()
        }

    def _value(self, text, data):
        value, rest = self._parse(TOKEN.findall(text), data)
        assert rest == [], text
        return value

    def _parse(self, tokens, data):
        token, *rest = tokens
        if token.startswith("States."):
            arguments = []
            while rest[0] != ")":
                argument, rest = self._parse(rest[1:] if rest[0] == "," else rest, data)
                arguments.append(argument)
            return _intrinsic(token[7:-1], *arguments), rest[1:]
        if token.startswith("$"):
            return self._path(token, data), rest
        return token[1:-1] if token.startswith("'") else int(token), rest

    def _path(self, path, data):
        found, rest = (self._context, path[2:]) if path.startswith("$$") else (data, path[1:])
        while rest:
            segment = SEGMENT.match(rest)
            assert segment, path
            name, index, key, wanted = segment.groups()
            rest = rest[segment.end() :]
            if key:
                return [_get(one, rest[1:]) for one in found if one[key] == wanted]
            found = _get(found, name) if name else found[int(index)]
        return found


def _get(value, name):
    return value[name]


def _put(path, data, result):
    """Return the data with a result at a path."""
    if path == "$":
        return result
    return {**data, path[2:]: deepcopy(result)}


def _intrinsic(name, *arguments):
    first, *others = arguments
    match name:
        case "MathAdd":
            return first + others[0]
        case "StringToJson":
            return json.loads(first)
        case "StringSplit":
            return [part for part in re.split(f"[{re.escape(others[0])}]", first) if part]
        case "ArrayGetItem":
            return first[others[0]]
        case "Format":
            parts = first.split("{}")
            return "".join(part + value for part, value in zip(parts, [*map(str, others), ""], strict=True))
    raise AssertionError(name)


class Instance:
    """A notebook instance with a request to be started again, and what comes of each start.

    Args:
        starts: of each start the seconds in Pending, and the status after it. The last one is repeated. ``None`` refuses it.
        stops: seconds in Stopping.
        moves: whether the request names a platform, which is looked at before each start.
    """

    NO_CAPACITY = "Insufficient notebook instance capacity. Retry later or with a different instance type."

    def __init__(self, starts, stops=0.0, *, moves=False):
        self._starts, self._changes = [*starts], [(stops, "Stopped")]
        self.status, self.started = "Stopping" if stops else "Stopped", 0
        expiry = BEGINNING + timedelta(hours=1)
        self.tags = {"nb-updater:restart": f"r-1 {expiry:%Y-%m-%dT%H:%M:%SZ}{' notebook-al2023-v1' * moves}"}

    def call(self, operation, parameters, now):
        """Answer a call of the state machine."""
        while self._changes and self._changes[0][0] <= now:
            self.status = self._changes.pop(0)[1]
        return getattr(self, operation)(parameters, now)

    def describeNotebookInstance(self, _parameters, _now):  # noqa: N802  as Step Functions names it
        return {
            "NotebookInstanceArn": "arn",
            "NotebookInstanceStatus": self.status,
            "PlatformIdentifier": "notebook-al2023-v1",
            **({"FailureReason": self.NO_CAPACITY} if self.status == "Failed" else {}),
        }

    def listTags(self, _parameters, _now):  # noqa: N802
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def startNotebookInstance(self, _parameters, now):  # noqa: N802
        if self.status not in {"Stopped", "Failed"}:
            raise CallRefused(f"Status ({self.status}) not in ([Stopped, Failed])")
        start = self._starts[0] if len(self._starts) == 1 else self._starts.pop(0)
        if start is None:
            raise CallRefused("ResourceLimitExceeded")
        self.started += 1
        self.status, self._changes = "Pending", [(now + start[0], start[1])]
        return {}

    def deleteTags(self, parameters, _now):  # noqa: N802
        for key in parameters["TagKeys"]:
            self.tags.pop(key, None)
        return {}

    def addTags(self, parameters, _now):  # noqa: N802
        self.tags |= {tag["Key"]: tag["Value"] for tag in parameters["Tags"]}
        return {}
