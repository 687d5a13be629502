"""No Jupyter server runs in this process: the fixtures of Jupyter's own plugin have nothing to do here."""

from tests.browser.conftest import jp_asyncio_loop, jp_server_cleanup

__all__ = ["jp_asyncio_loop", "jp_server_cleanup"]
