"""Packages that were added since the boot: each with its version, by environment."""

from __future__ import annotations

from collections.abc import Iterable

from ...packages.offers import AddedSinceBoot
from .loss import Loss, loss

LONGEST = 300


def package_losses(added: Iterable[AddedSinceBoot]) -> list[Loss]:
    """The environments that something was added to, and what. Pure."""
    return [
        _package_loss(environment.name, {package.name: package.version for package in packages})
        for environment, packages in added
    ]


def _package_loss(name: str, versions: dict[str, str]) -> Loss:
    text = ", ".join(" ".join(pair) for pair in sorted(versions.items()))
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return loss("packages", name, name, text, size=len(versions))
