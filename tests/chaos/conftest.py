"""Disable the fixtures of Jupyter's plugin, because no Jupyter server runs in this process."""

from tests.browser.conftest import jp_asyncio_loop, jp_server_cleanup

__all__ = ["jp_asyncio_loop", "jp_server_cleanup"]
