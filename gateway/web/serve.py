"""The web server.

In: an application, the settings' [web]. Out: nothing, until told to stop. Fails: BadConfig where the address cannot be had.
"""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from gateway.errors import BadConfig
from gateway.remedies import not_to_be_had
from gateway.settings import WebSettings


async def run(app: ASGIApp, settings: WebSettings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises: BadConfig.
    """
    listening = _open(settings.listen)
    config = uvicorn.Config(
        app,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(config).serve(sockets=listening)


def _open(address: str) -> list[socket.socket]:
    """Open the sockets here: uvicorn would end the process, and say why to nobody."""
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        return [
            socket.create_server((str(place[0]), int(port)), family=family, backlog=2048)
            for family, *_, place in found
        ]
    except OSError as error:
        raise BadConfig(file="-", key="web.listen", remedy=not_to_be_had(address)) from error
