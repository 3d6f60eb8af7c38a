"""Who may relay: clients known by their network or by login.

In: the settings' [[client]]. Out: the client of a connection. Fails: BadConfig for a password file that cannot be read.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from gateway.errors import BadConfig
from gateway.settings import ClientSettings


class Clients:
    """All clients of the settings; anybody else is refused: we are no open relay."""

    def __init__(self, clients: Sequence[ClientSettings]) -> None:
        self._by_network = [(network, client) for client in clients for network in client.networks]
        self._by_network.sort(
            key=lambda pair: pair[0].prefixlen, reverse=True
        )  # the narrowest network decides
        self._by_login = {
            client.username: (client, _password(client)) for client in clients if client.username
        }

    @property
    def by_login(self) -> bool:
        """Whether anybody may log in."""
        return bool(self._by_login)

    def at(self, peer: str) -> ClientSettings | None:
        """Give the client whose network an address is in."""
        try:
            address = ip_address(peer)
        except ValueError:
            return None
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return next((client for network, client in self._by_network if address in network), None)

    def logged_in(self, login: bytes, password: bytes) -> ClientSettings | None:
        """Give the client that a login is, if its password fits."""
        name = login.decode("utf-8", "replace")
        client, kept = self._by_login.get(name, (None, b"\0"))
        return client if hmac.compare_digest(kept, password) else None


def _password(client: ClientSettings) -> bytes:
    if client.password_file is None:
        raise BadConfig(
            file="-",
            key=f"client.{client.name}.password_file",
            remedy="give the file that holds the password",
        )
    try:
        password = client.password_file.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        key = f"client.{client.name}.password_file"
        raise BadConfig(file=str(client.password_file), key=key, remedy="the file cannot be read") from error
    if not password:
        raise BadConfig(
            file=str(client.password_file),
            key=f"client.{client.name}.password_file",
            remedy="the file is empty",
        )
    return password
