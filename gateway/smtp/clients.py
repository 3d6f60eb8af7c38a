"""Who may relay: clients known by their network or by login.

In: the settings' [[client]]. Out: the client of an address, or of a login. Fails: BadConfig for a password file that is no use.

A password file holds an argon2 hash or, on one line, the password itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import BadConfig
from gateway.settings import ClientSettings

ARGON2_MARK = "$argon2"
VERIFIERS = 2  # threads: argon2 takes 64 MiB and a core for each password, whoever asks

Check = Callable[[bytes], bool]


class Clients:
    """All clients of the settings; anybody else is refused: this is no open relay."""

    def __init__(self, clients: Sequence[ClientSettings]) -> None:
        networks = [(network, client) for client in clients for network in client.networks]
        self._by_network = sorted(
            networks, key=lambda pair: pair[0].prefixlen, reverse=True
        )  # the narrowest decides
        kept = {client.username: (client, _password(client)) for client in clients if client.username}
        self._by_login = {name: (client, _check(password)) for name, (client, password) in kept.items()}
        hashed = any(password.startswith(ARGON2_MARK) for _, password in kept.values())
        decoy = secrets.token_hex(16)
        self._nobody = _check(PasswordHasher().hash(decoy) if hashed else decoy)
        self._threads = ThreadPoolExecutor(VERIFIERS, thread_name_prefix="login") if kept else None

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

    async def logged_in(self, name: str, password: bytes) -> ClientSettings | None:
        """Give the client that a login is, if its password fits; a name that does not exist takes as long."""
        client, check = self._by_login.get(name, (None, self._nobody))
        if self._threads is None:
            return None
        right = await asyncio.get_running_loop().run_in_executor(self._threads, check, password)
        return client if right else None

    def close(self) -> None:
        """Let the threads go."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)


def _check(kept: str) -> Check:
    """Give the check for a kept password or hash."""
    if kept.startswith(ARGON2_MARK):
        return lambda given: _fits_hash(kept, given)
    digest = hashlib.sha256(kept.encode()).digest()  # of equal length, so that the comparison tells nothing
    return lambda given: hmac.compare_digest(digest, hashlib.sha256(given).digest())


def _fits_hash(kept: str, given: bytes) -> bool:
    try:
        return PasswordHasher().verify(kept, given)
    except (VerificationError, InvalidHashError):
        return False


def _password(client: ClientSettings) -> str:
    file, key = client.password_file or Path(), f"client.{client.name}.password_file"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        remedy = f"UTF-8 のファイルとして読めません / the file cannot be read ({type(error).__name__})"
        raise BadConfig(file=str(file), key=key, remedy=remedy) from error
    if not lines or not lines[0]:
        remedy = "一行目にパスワードか argon2 ハッシュを書いてください / put the password, or its argon2 hash, on the first line"
        raise BadConfig(file=str(file), key=key, remedy=remedy)
    if lines[0].startswith(ARGON2_MARK):
        try:
            extract_parameters(lines[0])
        except InvalidHashError as error:
            remedy = "argon2 ハッシュが途中で切れています / the argon2 hash is not complete"
            raise BadConfig(file=str(file), key=key, remedy=remedy) from error
    return lines[0]
