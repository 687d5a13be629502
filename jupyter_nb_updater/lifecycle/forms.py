"""What we put into lifecycle configurations, in each of its forms."""

from __future__ import annotations

from .merge import BlockForms
from .render import block, render
from .script import RenderError, Script


def block_forms(script: Script) -> BlockForms:
    """Of one script.

    Raises:
        RenderError: not even AWS's limit for a script of our own is kept.
    """
    whole, long = render(script).encode(), block(script).encode()
    try:
        return BlockForms(whole, long, block(script, short=True).encode())
    except RenderError as error:
        return BlockForms(whole, long, b"", str(error))
