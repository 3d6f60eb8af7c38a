"""The web server.

In: an application, the settings' [web]. Out: nothing, until told to stop. Fails: OSError where the address cannot be had.
"""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

from gateway.settings import WebSettings


async def run(app: ASGIApp, settings: WebSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    host, _, port = settings.listen.rpartition(":")
    config = uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(config).serve()
