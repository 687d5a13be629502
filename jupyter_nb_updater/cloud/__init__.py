"""CloudFormation templates of everything outside the instance."""

from __future__ import annotations

from pathlib import Path

RETURN_PATH_TEMPLATE = Path(__file__).with_name("return-path.yaml")
"""Stack of the return path ``stack``: one per account and region."""

SCHEDULE_ROLE_TEMPLATE = Path(__file__).with_name("schedule-role.yaml")
"""IAM role of the return path ``schedule``: one per account and region."""

LIFECYCLE_TEMPLATE = Path(__file__).with_name("lifecycle.yaml")
"""A lifecycle configuration with a placeholder for the script."""
