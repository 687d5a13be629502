"""What exists outside the instance: CloudFormation, no code."""

from __future__ import annotations

from pathlib import Path

RETURN_PATH_TEMPLATE = Path(__file__).with_name("return-path.yaml")
"""The stack behind the return path ``stack``: one per account and region."""

SCHEDULE_ROLE_TEMPLATE = Path(__file__).with_name("schedule-role.yaml")
"""The role behind the return path ``schedule``: one per account and region."""

LIFECYCLE_TEMPLATE = Path(__file__).with_name("lifecycle.yaml")
"""A lifecycle configuration, whose script is a place for one."""
