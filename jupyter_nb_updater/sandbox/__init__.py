"""A SageMaker notebook instance on your own computer: emulated AWS, and processes that are really started and ended.

``Sandbox`` is the entry. What is moto's and what is ours, with the AWS source of each behavior: ``docs/sandbox.md``.
"""

from __future__ import annotations

from .options import SandboxError, SandboxOptions
from .sandbox import Sandbox

__all__ = ["Sandbox", "SandboxError", "SandboxOptions"]
