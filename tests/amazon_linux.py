"""A miniature of Amazon Linux 2023: two releases in one repository, and a machine that is locked to the older one.

The tools are real: rpmbuild, rpm and createrepo_c create the repository, and dnf reads it. Names, the way in which releases are
served and the format of advisories are those of Amazon's own repository, according to its public copies.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLD, NEW = "2023.6.20241010", "2023.9.20251020"

SPEC = """\
Name: {name}
Version: {version}
Release: {release}
Summary: a package without content
License: MIT
BuildArch: noarch
%description
Nothing.
%files
"""

OLD_PACKAGES = [
    ("system-release", OLD, "0.amzn2023"),
    ("kernel", "6.1.112", "122.189.amzn2023"),
    ("openssl", "3.0.8", "1.amzn2023.0.14"),
    ("curl-minimal", "8.5.0", "1.amzn2023.0.4"),
    ("python3", "3.9.16", "1.amzn2023.0.9"),
    ("vim-data", "9.0.2153", "1.amzn2023"),
]
NEW_PACKAGES = [
    ("system-release", NEW, "0.amzn2023"),
    ("kernel", "6.1.155", "176.282.amzn2023"),
    ("openssl", "3.2.2", "1.amzn2023.0.1"),
    ("curl-minimal", "8.11.1", "4.amzn2023.0.1"),
    ("python3", "3.9.23", "1.amzn2023.0.4"),
]


@dataclass(frozen=True)
class Notice:
    """An advisory in a repository."""

    id: str
    severity: str
    package: tuple[str, str, str]
    issued: str
    updated: str
    cves: tuple[str, ...] = ()
    kind: str = "security"

    def to_xml(self) -> str:
        name, version, release = self.package
        file = f"{name}-{version}-{release}"
        references = "".join(
            f'<reference href="https://alas.aws.amazon.com/cve/html/{cve}.html" id="{cve}" title="" type="cve"/>'
            for cve in self.cves
        )
        text = "Package updates are available for Amazon Linux 2023 that fix the following vulnerabilities:\n" + "".join(
            f"{cve}:\n\tA fault: with a colon, and\n===\n\nmore lines.\n" for cve in self.cves
        )
        return (
            f'<update author="linux-security@amazon.com" from="linux-security@amazon.com" status="final" type="{self.kind}" '
            f'version="1.4"><id>{self.id}</id>'
            f"<title>Amazon Linux 2023 - {self.id}: {self.severity} priority package update for {name}</title>"
            f'<issued date="{self.issued}"/><updated date="{self.updated}"/><severity>{self.severity}</severity>'
            f"<description>{text}</description><references>{references}</references>"
            '<pkglist><collection short="amazon-linux-2023"><name>Amazon Linux 2023</name>'
            f'<package arch="noarch" epoch="0" name="{name}" release="{release}" src="{file}.src.rpm" version="{version}">'
            f"<filename>{file}.noarch.rpm</filename></package></collection></pkglist></update>\n"
        )


NOTICES = (
    Notice(
        "ALAS2023-2025-1201",
        "Important",
        ("kernel", "6.1.155", "176.282.amzn2023"),
        "2025-09-29 20:31:00",
        "2025-10-07 20:31:00",
        ("CVE-2025-38500", "CVE-2025-38501"),
    ),
    Notice(
        "ALAS2023-2025-1180",
        "Critical",
        ("openssl", "3.2.2", "1.amzn2023.0.1"),
        "2025-09-01 20:31:00",
        "2025-09-01 20:31:00",
        ("CVE-2025-9230",),
    ),
    # Of a build between the two releases, which is in neither: whoever jumps over it jumps over this remedy.
    Notice(
        "ALAS2023-2025-860",
        "Medium",
        ("curl-minimal", "8.8.0", "1.amzn2023.0.1"),
        "2025-02-12 23:45:00",
        "2025-02-26 00:10:00",
        ("CVE-2025-0725",),
    ),
    Notice(
        "ALAS2023BUGFIX-2025-001",
        "none",
        ("python3", "3.9.23", "1.amzn2023.0.4"),
        "2025-05-01 20:31:00",
        "2025-05-01 20:31:00",
        kind="bugfix",
    ),
)


class AmazonLinux:
    """The repository, the machine's package database, and dnf's configuration.

    Args:
        folder: folder for all of it.
        notices: the advisories.
    """

    def __init__(self, folder: Path, notices: Iterable[Notice] = NOTICES) -> None:
        self.root, self.tree, self.cache = folder / "root", folder / "tree", folder / "cache"
        self._packages = folder / "packages"
        old = [self._build(*package) for package in OLD_PACKAGES]
        new = [self._build(*package) for package in NEW_PACKAGES]
        self._serve(OLD, old)
        self._serve(NEW, [*old, *new], notices)
        (self.tree / "latest").symlink_to(self.tree / NEW)
        self.baseurl(f"file://{self.tree}/$releasever/")
        self.install(old)
        # Debian's rpm keeps its database in the home folder of whoever calls it, Amazon's in /usr/lib.
        self.dnf = folder / "dnf"
        self.dnf.write_text('#!/bin/sh\nHOME=/ exec dnf "$@"\n', "utf-8")
        self.dnf.chmod(0o755)

    @property
    def traits(self) -> dict[str, Any]:
        """Configuration of the source, so that the real dnf is queried for this machine."""
        return {
            "dnf": str(self.dnf),
            "cache_directory": str(self.cache),
            "arguments": [f"--installroot={self.root}", f"--setopt=reposdir={self.root}/etc/yum.repos.d"],
        }

    def baseurl(self, url: str) -> None:
        """Set the URL of the repository."""
        file = self.root / "etc" / "yum.repos.d" / "amazonlinux.repo"
        file.parent.mkdir(parents=True, exist_ok=True)
        content = ["[amazonlinux]", "name=Amazon Linux 2023 repository", f"baseurl={url}", "enabled=1", "gpgcheck=0", ""]
        file.write_text("\n".join(content), "utf-8")

    def install(self, packages: Iterable[Path]) -> None:
        """Add packages to the package database."""
        self.root.mkdir(exist_ok=True)
        run("rpm", "--root", self.root, "-U", "--justdb", "--nodeps", "--nosignature", *packages, home="/")

    def update(self) -> None:
        """Update the machine to the newer release, like a new image."""
        self.install([self._package(*package) for package in NEW_PACKAGES])

    def _build(self, name: str, version: str, release: str) -> Path:
        self._packages.mkdir(parents=True, exist_ok=True)
        spec = self._packages / f"{name}.spec"
        spec.write_text(SPEC.format(name=name, version=version, release=release), "utf-8")
        run("rpmbuild", "--quiet", "--define", f"_topdir {self._packages}", "-bb", spec)
        return self._package(name, version, release)

    def _package(self, name: str, version: str, release: str) -> Path:
        return self._packages / "RPMS" / "noarch" / f"{name}-{version}-{release}.noarch.rpm"

    def _serve(self, release: str, packages: Iterable[Path], notices: Iterable[Notice] = ()) -> None:
        folder = self.tree / release
        folder.mkdir(parents=True)
        for package in packages:
            (folder / package.name).symlink_to(package)
        run("createrepo_c", "--quiet", folder)
        listed = "".join(notice.to_xml() for notice in notices)
        if listed:
            info = folder.parent / "updateinfo.xml"
            info.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n{listed}</updates>\n', "utf-8")
            run("modifyrepo_c", info, folder / "repodata")


def run(*command: object, home: str | None = None) -> None:
    """Run a command, and fail with its output."""
    environment = {**os.environ, "LC_ALL": "C", **({"HOME": home} if home else {})}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
