"""A SageMaker notebook instance on your own machine: emulated AWS, and processes that are really started and ended.

``Sandbox`` is the door. What is moto's and what is ours, with the AWS source of each behaviour: ``docs/sandbox.md``.
"""

from __future__ import annotations

from .errors import SandboxError
from .sandbox import Sandbox

__all__ = ["Sandbox", "SandboxError"]
