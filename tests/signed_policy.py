"""Policy documents with a signature, for instances of the sandbox that have its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.server.publisher import Signer


def signed(document: Path) -> dict[str, Any]:
    """Sign a document, and return the configuration of an instance that accepts it.

    Args:
        document: the document; its signature and its keys are written beside it.
    """
    signer = Signer(document.parent, "policy")
    document.with_name(f"{document.name}.sig").write_bytes(signer.sign(document.read_bytes()))
    return {"PolicyManager": {"url": document.as_uri(), "keys": [str(signer.public)]}}
