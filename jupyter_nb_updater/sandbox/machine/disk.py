"""A disk for the volume: its own filesystem, which can be full, and which loses unwritten data in a power cut.

ext4 in an image file, on a loop device. The file contains what the filesystem has written to the device, but not what is only
in the page cache. A power cut is the filesystem's emergency stop (``EXT4_IOC_SHUTDOWN``), with which its developers test power
cuts (xfstests, ``src/godown.c``): from then on it writes neither data nor journal. The next mount replays the journal, as after
a real power cut. A device that loses acknowledged writes is not emulated.
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
"""``EXT4_GOING_FLAGS_NOLOGFLUSH`` of the same file: do not even write the journal."""
UNMOUNT_TIMEOUT_SECONDS = 10.0


class Disk:
    """An ext4 filesystem in a file, mounted as the volume. Needs Linux, root, and a loop device.

    Args:
        image: file of the filesystem; created if it is missing.
        folder: mount point.
        megabytes: size of the filesystem, in megabytes.
    """

    def __init__(self, image: Path, folder: Path, megabytes: int) -> None:
        self._image, self._folder, self._megabytes = image, folder, megabytes

    def attach(self) -> None:
        """Mount the disk. Unmounts it first if an earlier sandbox was killed.

        Raises:
            SandboxError: the disk cannot be created or mounted; the message says what is needed.
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
        """Lose what is only in the page cache, and mount the disk again."""
        self.fail()
        self.detach()
        self.attach()

    def fail(self) -> None:
        """Let nothing reach the disk from now on; a sync fails with EIO."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, SHUTDOWN, NO_FLUSH)
        finally:
            os.close(descriptor)

    def detach(self) -> None:
        """Unmount the disk if it is mounted.

        Raises:
            SandboxError: the disk is still in use.
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
