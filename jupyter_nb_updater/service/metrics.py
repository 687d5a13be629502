"""Report restarts and advice in Jupyter's ``/metrics``, and restarts in its event log.

Counters start from the journal, because a restart ends the counting process and would otherwise reset every counter.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from ..advice.model import LEVELS
from ..restart.history import FAILED_TO_RETURN, returns
from ..restart.machine import Phase, Restart

if TYPE_CHECKING:
    from jupyter_events import EventLogger
    from prometheus_client import Counter, Gauge, Histogram

    from ..journal import Record
    from ..restart.machine import Restart


BUCKETS_SECONDS = (60, 120, 180, 240, 300, 420, 600, 900, 1800, 3600)
"""Histogram buckets in seconds: a restart usually takes a few minutes."""

BLOCKED = {"refused", "failed"}
"""Phases in which nothing was stopped, and the events that lead there."""

NO_TRANSITIONS = {"resumed", "waits"}
"""Events of the coordinator that are not transitions."""


class Families(NamedTuple):
    """All metrics; ``docs/security-engineer.md`` lists their names."""

    phase: Gauge
    level: Gauge
    blocked: Counter
    seconds: Histogram
    failed_returns: Counter


@cache
def families() -> Families:
    """Create the metrics once per process, because its registry accepts each name only once."""
    from prometheus_client import Counter, Gauge, Histogram

    return Families(
        Gauge("nb_updater_restart_phase", "1 for the current phase of the restart, 0 for others", ["phase"]),
        Gauge("nb_updater_advice_level", "1 for the current level of the advice, 0 for others", ["level"]),
        Counter(
            "nb_updater_restarts_hindered", "Restarts that were refused or failed, by phase and finding", ["phase", "code"]
        ),
        Histogram("nb_updater_restart_seconds", "Seconds from the click to the verified return", buckets=BUCKETS_SECONDS),
        Counter("nb_updater_failed_returns", "Restarts after which a person had to start the instance"),
    )


class Metrics:
    """Update the metrics from journal records and from the state document."""

    def __init__(self) -> None:
        self._families = families()

    def recall(self, records: Sequence[Record]) -> None:
        """Count what happened before this server started."""
        for record in records:
            self._count(record["event"], _codes(record.get("findings")))
        for outcome in returns(records):
            self.returned(outcome)

    def happened(self, event: str, restart: Restart, outcome: Mapping[str, Any] | None) -> None:
        """Count one transition.

        Args:
            event: name of the event.
            restart: the restart after the event.
            outcome: outcome of a completed restart, in the format of the state document.
        """
        if event not in NO_TRANSITIONS:
            self._count(restart.phase, (finding.code for finding in restart.findings))
        if event == "returned" and outcome is not None and not restart.stops_only:
            self.returned(outcome)

    def returned(self, outcome: Mapping[str, Any]) -> None:
        """Count a completed restart. Its duration counts only if nobody else had to start the instance."""
        if outcome["outcome"] == FAILED_TO_RETURN:
            self._families.failed_returns.inc()
        elif outcome["seconds"] is not None:
            self._families.seconds.observe(outcome["seconds"])

    def show(self, state: Mapping[str, Any]) -> None:
        """Set the gauges from the state document."""
        restart, advice = state["restart"], state["advice"]
        for phase in get_args(Phase):
            self._families.phase.labels(phase).set(restart is not None and restart["phase"] == phase)
        for level in LEVELS:
            self._families.level.labels(level).set(advice is not None and advice["level"] == level)

    def _count(self, phase: str, codes: Iterable[str]) -> None:
        if phase in BLOCKED:
            for code in codes:
                self._families.blocked.labels(phase, code).inc()


def _codes(findings: object) -> list[str]:
    """Return the codes of findings; invalid ones are ignored, because a record may be malformed."""
    listed = findings if isinstance(findings, list) else []
    return [str(finding["code"]) for finding in listed if isinstance(finding, dict) and "code" in finding]


SCHEMA = Path(__file__).parents[1] / "event_schemas" / "restart.yaml"


SCHEMA_ID = "urn:jupyter-nb-updater:restart:v1"


class RestartEvents:
    """Emit one event for each transition.

    Args:
        logger: event logger of the server; ``None`` if it has none.
        log: where failures are logged.
    """

    def __init__(self, logger: EventLogger | None, log: logging.Logger) -> None:
        self._logger, self._log = logger, log
        if logger is not None:
            logger.register_event_schema(SCHEMA)

    def emit(self, event: str, restart: Restart, outcome: dict[str, Any] | None) -> None:
        """Emit a transition, unless the restart is merely still waiting.

        Args:
            event: name of the event.
            restart: the restart after the event.
            outcome: outcome of a completed restart.
        """
        if self._logger is None or restart.id is None or event == "waits":
            return
        word = outcome["outcome"] if outcome else None
        data = {"restart": restart.id, "event": event, "phase": restart.phase, "outcome": word}
        try:
            self._logger.emit(schema_id=SCHEMA_ID, data=data)
        except Exception:  # noqa: BLE001  no restart depends on a listener
            self._log.exception("Could not emit the event %r to Jupyter's event log", event)
