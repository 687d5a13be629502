"""Read `advice_cases.yaml`: each case is data, which this module converts to arguments of `advise()`."""

import re
from datetime import datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from jupyter_nb_updater.advice.hold import Hold
from jupyter_nb_updater.advice.model import AdviceContext, AnnouncedDeadline, Deferral
from jupyter_nb_updater.advice.policy import DAYS, Origin, Policy, Wave, Window
from jupyter_nb_updater.advice.signal import Advisory, Signal
from jupyter_nb_updater.signals.age import age
from jupyter_nb_updater.signals.maintenance import maintenance

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=timezone.utc)  # a Monday
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
PATH = Path(__file__).with_name("advice_cases.yaml")


def cases():
    return yaml.safe_load(PATH.read_text("utf-8"))


def moment(text, now):
    """Parse `34d ago`, `in 3h`, or a time with its zone."""
    if text is None:
        return None
    if isinstance(text, datetime):
        return text.astimezone(timezone.utc)
    sign = -1 if text.endswith(" ago") else 1
    parts = re.findall(r"([\d.]+)([dhms])", text)
    return now + sign * timedelta(**{UNITS[unit]: float(number) for number, unit in parts})


def window(content):
    if content is None:
        return None
    opens, closes = (time.fromisoformat(content[edge]) for edge in ("from", "to"))
    zone = content.get("timezone", "UTC")
    return Window(frozenset(DAYS.index(day) for day in content["days"]), opens, closes, ZoneInfo(zone), zone)


def policy(content, now):
    content = dict(content or {})
    waves = tuple(Wave(wave["upto"], timedelta(days=wave["delay_days"])) for wave in content.pop("waves", ()))
    expires = moment(content.pop("expires", None), now)
    opens = window(content.pop("window", None))
    origin = Origin("organization", expires=expires) if expires else Origin()
    return Policy(window=opens, waves=waves, origin=origin, **content)


def advisory(content, now):
    published = moment(content.get("published", "0d ago"), now)
    return Advisory(content["id"], published, content.get("severity"), content.get("exploited", False))


def signals(content, booted, limits, now):
    """Return the signals of a case; `age` and `maintenance` are those of the product by default."""
    found = []
    listed = {"age": {}, "maintenance": {"status": "InService"}, **(content or {})}
    for name, facts in listed.items():
        if facts is None:
            continue
        if name == "age":
            found.append(age(booted, now, advised_days=limits.advised_days, interval_days=limits.interval_days))
        elif name == "maintenance" and "status" in facts:
            found.append(maintenance(facts["status"], now))
        else:
            told = {
                "subject": facts.get("subject", ""),
                "due_by": moment(facts.get("due_by"), now),
                "advisories": tuple(advisory(entry, now) for entry in facts.get("advisories", ())),
                "helps": facts.get("helps", True),
                "prevents": facts.get("prevents", False),
            }
            found.append(Signal(name, facts.get("state", "due"), f"{name}-code", now, **told))
    return found


def context(case, limits, booted, now):
    hold = case.get("hold")
    deferral = case.get("deferral")
    announced = case.get("announced")
    return AdviceContext(
        booted=booted,
        hold=Hold("ana", "training", moment(hold["until"], now), now) if hold else None,
        deferral=Deferral(moment(deferral["until"], now), 1, deferral.get("level")) if deferral else None,
        announced=AnnouncedDeadline(
            moment(announced["deadline"], now), announced.get("limits", limits.limits), announced["source"]
        )
        if announced
        else None,
        shown={name: moment(text, now) for name, text in case.get("shown", {}).items()},
        ineffective=frozenset(case.get("ineffective", ())),
        rollout_position=case.get("rollout_position", 0.0),
    )


def inputs(case):
    """Return the arguments of `advise()`."""
    now = moment(case.get("now"), NOW) or NOW
    booted = moment(case.get("booted", "1d ago"), now)
    limits = policy(case.get("policy"), now)
    return signals(case.get("signals"), booted, limits, now), context(case, limits, booted, now), limits, now
