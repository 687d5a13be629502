"""Compare the facts of an instance with what is assumed: a pure function for each assumption, by its id."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ..instance.origin import LOOPBACK_HOSTS, Allowed, is_ours, origin_pattern, parse_origin
from .observed import Observed, as_mapping
from .registry import Assumption
from .request_headers import ACCEPTED_BELOW, KINDS, RequestKind

Result = Literal["holds", "differs", "unknown"]


@dataclass(frozen=True)
class Comparison:
    """An assumption, and what an instance shows of it.

    Args:
        assumption: what is assumed.
        result: ``holds``, ``differs`` or ``unknown``.
        found: what was found, in words; empty if unknown.
    """

    assumption: Assumption
    result: Result
    found: str = ""


FactMatch = tuple[bool, str]
"""Whether the assumption holds, and what was found."""


def compare(assumptions: Iterable[Assumption], observed: Observed) -> list[Comparison]:
    """Compare each assumption that an instance can show. What was not observed is unknown.

    Args:
        assumptions: of the registry.
        observed: on the instance.
    """
    return [_compare(one, CHECKS[one.id], observed) for one in assumptions if one.id in CHECKS]


def _compare(assumption: Assumption, check: Callable[[Observed], FactMatch], observed: Observed) -> Comparison:
    try:
        holds, found = check(observed)
    except (LookupError, TypeError, ValueError, AttributeError, re.error):
        return Comparison(assumption, "unknown")
    return Comparison(assumption, "holds" if holds else "differs", found)


def _host(observed: Observed) -> FactMatch:
    hosts = observed.values("host")
    return all(_is_address(host) for host in hosts), _listed(f"`Host: {host}`" for host in hosts)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True


def _origin(observed: Observed) -> FactMatch:
    origins, hosts = observed.values("origin"), observed.values("host")
    allowed = Allowed(
        {origin for origin in [parse_origin(observed.text("server", "allow_origin"))] if origin},
        [origin_pattern(pattern) for pattern in _patterns(observed)],
    )
    admitted = all(is_ours({"Origin": origin, "Host": host}, allowed) for origin in origins for host in hosts)
    return admitted, _listed(f"`Origin: {origin}`" for origin in origins)


def _patterns(observed: Observed) -> list[str]:
    of_image = as_mapping(observed.facts.get("notebook_config")).get("notebook_uri") or ""
    return [pattern for pattern in (observed.text("server", "allow_origin_pat"), str(of_image)) if pattern]


def _fetch_metadata(observed: Observed) -> FactMatch:
    kinds: list[RequestKind] = [kind for kind in KINDS if kind != "WebSocket" and kind in observed.requests]
    if not kinds:
        raise KeyError("GET")
    missing = [kind for kind in kinds if "sec-fetch-site" not in observed.names(kind)]
    return not missing, f"a {missing[0]} without `Sec-Fetch-Site`" if missing else "`Sec-Fetch-Site`"


def _websocket_metadata(observed: Observed) -> FactMatch:
    found = sorted(name for name in observed.names("WebSocket") if name.startswith("sec-fetch-"))
    return not found, _listed(f"`{name}`" for name in found) or "none"


def _own_headers(observed: Observed) -> FactMatch:
    passed = "x-nb-updater" in observed.names("GET")
    return passed, "`X-Nb-Updater`" if passed else "a GET of our page without `X-Nb-Updater`"


def _forwarded(observed: Observed) -> FactMatch:
    names = {name for kind in KINDS if kind in observed.requests for name in observed.names(kind)}
    if not names:
        raise KeyError("names")
    found = sorted(names & {"forwarded", "x-forwarded-host"})
    return not found, _listed(f"`{name}`" for name in found) or "none"


def _channel(observed: Observed) -> FactMatch:
    status = int(as_mapping(observed.requests["WebSocket"])["status"])
    return status < ACCEPTED_BELOW, f"HTTP status {status}"


def _allowed_origin(observed: Observed) -> FactMatch:
    origin, pattern = observed.text("server", "allow_origin"), observed.text("server", "allow_origin_pat")
    return bool(pattern) and origin != "*", f"`allow_origin` is {_shown(origin)}, `allow_origin_pat` is {_shown(pattern)}"


def _notebook_uri(observed: Observed) -> FactMatch:
    if not observed.fact("notebook_config", "exists"):
        return False, "no such file"
    uri, check = observed.text("notebook_config", "notebook_uri"), observed.text("notebook_config", "csrf_check")
    return bool(uri) and check == "enabled", f"`notebook_uri` is {_shown(uri)}, `csrf_check` is {_shown(check)}"


def _metadata_file(observed: Observed) -> FactMatch:
    keys = [str(key) for key in observed.fact("image", "metadata_keys")]
    return keys == ["ResourceArn", "ResourceName"], _listed(f"`{key}`" for key in keys)


def _metadata_case(observed: Observed) -> FactMatch:
    name, arn = observed.text("image", "name"), observed.text("image", "arn")
    return arn.rpartition("/")[2].lower() == name.lower(), f"`{name}` and `{arn}`"


def _unit(observed: Observed) -> FactMatch:
    unit = observed.text("process", "unit")
    return unit == "jupyter-server.service", f"`{unit}`" if unit else "no unit"


def _exists(section: str, name: str, what: str) -> Callable[[Observed], FactMatch]:
    def check(observed: Observed) -> FactMatch:
        found = bool(observed.fact(section, name))
        return found, what if found else f"no {what}"

    return check


def _token(observed: Observed) -> FactMatch:
    found = [what for what in ("token", "password") if observed.fact("server", f"has_{what}")]
    return not found, f"a {' and a '.join(found)}" if found else "neither a token nor a password"


def _xsrf(observed: Observed) -> FactMatch:
    disabled = bool(observed.fact("server", "disable_check_xsrf"))
    return not disabled, f"`disable_check_xsrf` is `{disabled}`"


def _login_handler(observed: Observed) -> FactMatch:
    handler = observed.text("server", "login_handler")
    is_aws = handler.startswith("sagemaker_nbi_agent.") and handler.endswith(".SageMakerNotebookLoginHandler")
    return is_aws, f"`{handler}`, with `{observed.text('server', 'identity_provider')}`"


def _listens(observed: Observed) -> FactMatch:
    ip = observed.text("server", "ip")
    return ip in {"", "*", "0.0.0.0", "::"} and not observed.fact("server", "socket"), f"`{ip or '*'}`"  # noqa: S104


def _port(observed: Observed) -> FactMatch:
    port = int(observed.fact("server", "port"))
    return port == 8443, f"port {port}"  # noqa: PLR2004


def _tls(observed: Observed) -> FactMatch:
    tls = bool(observed.fact("server", "tls"))
    return tls, "a certificate" if tls else "no certificate"


def _server_file(observed: Observed) -> FactMatch:
    exists = bool(observed.fact("address", "file_exists"))
    return exists, "the file" if exists else "no file"


def _server_name(observed: Observed) -> FactMatch:
    host, resolves = observed.text("address", "host"), observed.fact("address", "resolves")
    how = {True: "resolves", False: "does not resolve"}.get(resolves, "did not resolve in time")
    return host not in LOOPBACK_HOSTS and resolves is not True, f"`{host}`, which {how}"


def _user(observed: Observed) -> FactMatch:
    user = observed.text("process", "user")
    return user == "ec2-user", f"`{user}`"


def _ends_with(section: str, name: str, end: str) -> Callable[[Observed], FactMatch]:
    def check(observed: Observed) -> FactMatch:
        path = observed.text(section, name).rstrip("/")
        return path.endswith(end), f"`{path}`"

    return check


def _kernel_environments(observed: Observed) -> FactMatch:
    kernels = [as_mapping(kernel) for kernel in observed.facts["kernels"]]
    outside = [str(one["path"]) for one in kernels if one["ipykernel"] and "/home/ec2-user/anaconda3" not in str(one["path"])]
    without = [str(one["path"]) for one in kernels if not one["ipykernel"]]
    if not kernels or outside or without:
        found = [f"`{path}`" for path in outside] + [f"`{path}` without ipykernel" for path in without]
        return False, _listed(found) or "no environment with a kernel"
    return True, _listed(f"{one['environment']} with ipykernel {one['ipykernel']}" for one in kernels)


def _kernels_local(observed: Observed) -> FactMatch:
    manager = observed.text("server", "kernel_manager")
    return "gateway" not in manager.lower(), f"`{manager}`"


def _configuration(observed: Observed) -> FactMatch:
    folders = [str(folder) for folder in observed.fact("server", "configuration_folders")]
    return f"{observed.text('process', 'prefix')}/etc/jupyter" in folders, _listed(f"`{folder}`" for folder in folders)


def _os_release(observed: Observed) -> FactMatch:
    release = observed.text("image", "release")
    return "Amazon Linux release 2023" in release, f"`{release}`" if release else "no such file"


def _boot(observed: Observed) -> FactMatch:
    missing = [what for what, name in (("boot id", "id"), ("boot time", "is_plausible")) if not observed.fact("boot", name)]
    return not missing, f"no {' and no '.join(missing)}" if missing else "both"


def _python(observed: Observed) -> FactMatch:
    version = observed.text("process", "python")
    return _version(version) >= (3, 10), f"Python {version}"


def _versions(minimum: Mapping[str, str], below: Mapping[str, str]) -> Callable[[Observed], FactMatch]:
    """Return a check of the versions of packages.

    Args:
        minimum: the lowest version, by package.
        below: the version that is too new, by package.
    """

    def check(observed: Observed) -> FactMatch:
        found = {package: observed.text("versions", package) for package in minimum}
        wrong = {
            package: version
            for package, version in found.items()
            if not version
            or _version(version) < _version(minimum[package])
            or (package in below and _version(version) >= _version(below[package]))
        }
        shown = (wrong or found).items()
        return not wrong, _listed(f"{package} {version}" if version else f"no {package}" for package, version in shown)

    return check


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _shown(text: str) -> str:
    return f"`{text}`" if text else "empty"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(items))


CHECKS: dict[str, Callable[[Observed], FactMatch]] = {
    "host-rewritten": _host,
    "origin-kept": _origin,
    "fetch-metadata": _fetch_metadata,
    "websocket-without-metadata": _websocket_metadata,
    "own-headers-pass": _own_headers,
    "no-forwarded-host": _forwarded,
    "channel-accepted": _channel,
    "allowed-origin": _allowed_origin,
    "notebook-uri": _notebook_uri,
    "metadata-file": _metadata_file,
    "metadata-case": _metadata_case,
    "jupyter-unit": _unit,
    "systemd-runs": _exists("machine", "systemd", "systemd"),
    "cron-runs": _exists("machine", "cron", "cron"),
    "empty-token": _token,
    "xsrf-check": _xsrf,
    "login-handler": _login_handler,
    "listen-address": _listens,
    "port": _port,
    "tls": _tls,
    "server-file": _server_file,
    "server-name": _server_name,
    "jupyter-user": _user,
    "jupyter-environment": _ends_with("process", "prefix", "/home/ec2-user/anaconda3/envs/JupyterSystemEnv"),
    "kernel-environments": _kernel_environments,
    "kernels-are-local": _kernels_local,
    "volume-is-root": _ends_with("server", "root_dir", "/home/ec2-user/SageMaker"),
    "configuration-folders": _configuration,
    "os-release": _os_release,
    "boot-time": _boot,
    "python-version": _python,
    "server-versions": _versions(
        {"jupyter_server": "2.7", "jupyterlab": "4", "notebook": "7"},
        {"jupyter_server": "3", "jupyterlab": "5", "notebook": "8"},
    ),
    "libraries-on-image": _versions(
        {
            "boto3": "1.28",
            "botocore": "1.31",
            "requests": "2.28",
            "psutil": "5.6",
            "tornado": "6.2",
            "traitlets": "5.3",
            "PyYAML": "5.4",
            "jsonschema": "4",
        },
        {},
    ),
}
"""The check of each assumption that an instance can show, by its id in the registry."""
