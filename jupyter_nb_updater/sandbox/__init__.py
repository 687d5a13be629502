"""Run a SageMaker notebook instance on your own computer: emulated AWS, and real processes that are started and ended.

``Sandbox`` is the entry point. ``docs/sandbox.md`` lists what moto emulates and what we add, with the AWS source of each
behavior.
"""

from __future__ import annotations

from .options import FrontOptions, SandboxError, SandboxOptions
from .sandbox import Sandbox

__all__ = ["FrontOptions", "Sandbox", "SandboxError", "SandboxOptions"]
