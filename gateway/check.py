"""What is seen to before anything runs: that all which the settings name is there and can be used.

In: Settings. Out: nothing. Fails: BadConfig, with the key and what to do.
"""

from __future__ import annotations

import os

from gateway.errors import BadConfig
from gateway.inspection.locks import read_passwords
from gateway.settings import Settings
from gateway.smtp.clients import Clients
from gateway.smtp.listener import check_smtp, tls_context
from gateway.store.database import check_url


def check_config(settings: Settings) -> None:
    """See that what the settings name is there and can be used.

    Raises: BadConfig.
    """
    check_url(settings.store)
    for key, file in (
        ("smtp.tls_cert", settings.smtp.tls_cert),
        ("smtp.tls_key", settings.smtp.tls_key),
        ("web.tls_cert", settings.web.tls_cert),
        ("web.tls_key", settings.web.tls_key),
        ("customers.file", settings.customers.file),
        ("passwords.file", settings.passwords.file),
        ("relay.password_file", settings.relay.password_file),
        *((f"client.{client.name}.password_file", client.password_file) for client in settings.client),
    ):
        if file is not None and file.exists() and not file.is_file():
            raise BadConfig(
                file=str(file), key=key, remedy="普通のファイルにしてください / it is no regular file"
            )
        if file is not None and not file.is_file():
            raise BadConfig(file=str(file), key=key, remedy="ファイルがありません / there is no such file")
    spool = settings.smtp.spool_dir
    if spool is not None and not (spool.is_dir() and os.access(spool, os.W_OK | os.X_OK)):
        raise BadConfig(
            file=str(spool),
            key="smtp.spool_dir",
            remedy="書き込めるフォルダにしてください / give a folder that can be written to",
        )
    read_passwords(settings.passwords.file)
    check_smtp(settings)
    tls_context(settings.web, "web")
    Clients(settings.client).close()
