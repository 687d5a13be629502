"""A disk for the volume: a filesystem of its own, which can be full, and which loses in a power cut what was not written to it.

ext4 in an image file, on a loop device. What the filesystem has handed to the device is in the file; what is only in the page
cache is not. A cut is the filesystem's own emergency stop (``EXT4_IOC_SHUTDOWN``), with which its developers test power cuts
(xfstests, ``src/godown.c``): from that moment it writes nothing, neither data nor journal. Mounting it again replays the
journal, as after a real one. Not modeled: a device that loses what it has acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import time
from pathlib import Path

from ..options import SandboxError

MEGABYTE = 1 << 20
SHUTDOWN = 0x8004587D
"""``EXT4_IOC_SHUTDOWN``, ``_IOR('X', 125, __u32)`` of Linux's fs/ext4/ext4.h."""
NO_FLUSH = struct.pack("I", 2)
"""``EXT4_GOING_FLAGS_NOLOGFLUSH`` of the same file: not even the journal is written out."""
UNMOUNT_TIMEOUT_SECONDS = 10.0


class Disk:
    """An ext4 filesystem in a file, mounted where the volume is. Needs Linux, root, and a loop device.

    Args:
        image: file of the filesystem; made when it is missing.
        folder: mount point.
        megabytes: size of the filesystem.
    """

    def __init__(self, image: Path, folder: Path, megabytes: int) -> None:
        self._image, self._folder, self._megabytes = image, folder, megabytes

    def attach(self) -> None:
        """Mount it. What an earlier sandbox that was killed has left mounted is unmounted before.

        Raises:
            SandboxError: it cannot be made or mounted; the message says what is needed.
        """
        if self._folder.is_mount():
            self.detach()
        self._folder.mkdir(exist_ok=True)
        if not self._image.exists():
            with self._image.open("wb") as file:
                file.truncate(self._megabytes * MEGABYTE)
            _run("mkfs.ext4", "-q", "-F", str(self._image))
        _run("mount", "-t", "ext4", "-o", "loop", str(self._image), str(self._folder))

    def cut(self) -> None:
        """Lose what is in the page cache alone. The disk is mounted again when this returns."""
        self.fail()
        self.detach()
        self.attach()

    def fail(self) -> None:
        """Let nothing reach the disk from now on; whoever waits for it gets EIO."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, NO_FLUSH)
        finally:
            os.close(descriptor)

    def detach(self) -> None:
        """Unmount it, if it is mounted.

        Raises:
            SandboxError: something still uses it.
        """
        deadline = time.monotonic() + UNMOUNT_TIMEOUT_SECONDS
        while self._folder.is_mount():
            try:
                _run("umount", str(self._folder))
            except SandboxError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _run(*command: str) -> None:
    needs = "a volume with a disk of its own needs Linux, root, and a loop device"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"{needs}: {error}") from error
    if done.returncode:
        raise SandboxError(f"{needs}: {' '.join(command)}: {done.stderr.strip()}")
