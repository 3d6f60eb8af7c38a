"""What a user has today: Postfix with its durable queue, every mail put on HOLD; and the sink that mail is released to.

In: a folder. Out: a private instance on a high port. Fails: CalledProcessError with what Postfix said.

Needs Postfix installed and root (its processes change user); no instance of the machine is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import bytes_written, disk_bytes, free_port, greets, tree, wait_until

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
multi_instance_name = postfix-sekisho-bench
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.bench.example.jp
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
relayhost = [127.0.0.1]:{sink}
smtpd_recipient_restrictions = check_client_access static:HOLD, permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
smtp_tls_security_level = none
smtp_dns_support_level = disabled
message_size_limit = 104857600
mailbox_size_limit = 0
"""
MASTER = """\
{port}    inet  n - n - -   smtpd
pickup    unix  n - n 60 1  pickup
cleanup   unix  n - n - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - -   trivial-rewrite
bounce    unix  - - n - 0   bounce
defer     unix  - - n - 0   bounce
trace     unix  - - n - 0   bounce
verify    unix  - - n - 1   verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - -   proxymap
smtp      unix  - - n - -   smtp
relay     unix  - - n - -   smtp
showq     unix  n - n - -   showq
error     unix  - - n - -   error
retry     unix  - - n - -   error
anvil     unix  - - n - 1   anvil
scache    unix  - - n - 1   scache
postlog   unix-dgram n - n - 1 postlogd
"""


def available() -> bool:
    """See whether Postfix can be run here."""
    return os.geteuid() == 0 and all(shutil.which(name) for name in ("postfix", "postsuper", "smtp-sink"))


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running instance."""

    home: Path
    port: int
    sink_port: int
    master: int

    def queue_bytes(self) -> int:
        """Give what its queue takes on the disk."""
        return disk_bytes(self.home / "queue" / "hold")

    def held(self) -> int:
        """Give how many mails are on HOLD."""
        return _files(self.home / "queue" / "hold")

    def written(self) -> int:
        """Give the bytes it has written so far."""
        return bytes_written(tree(self.master))

    def release(self) -> float:
        """Let everything on HOLD go to the sink; give the seconds until the queue is empty."""
        queues = [self.home / "queue" / name for name in ("hold", "deferred", "incoming", "active")]
        with sink(self.sink_port):
            began = time.monotonic()
            _run("postsuper", "-c", str(self.home / "conf"), "-H", "ALL")
            _run("postqueue", "-c", str(self.home / "conf"), "-f")
            wait_until(
                lambda: not any(_files(queue) for queue in queues), seconds=300, what="Postfix's release"
            )
            return time.monotonic() - began

    def empty(self) -> None:
        """Throw away all its mail."""
        _run("postsuper", "-c", str(self.home / "conf"), "-d", "ALL")


@contextmanager
def running(folder: Path) -> Iterator[Postfix]:
    """Run an instance in a folder, which its user must be able to reach."""
    home = folder / "postfix"
    port, sink_port = free_port(), free_port()
    for name in ("conf", "queue", "data"):
        (home / name).mkdir(parents=True)
    shutil.chown(home / "data", "postfix")
    (home / "conf" / "main.cf").write_text(MAIN.format(home=home, sink=sink_port))
    (home / "conf" / "master.cf").write_text(MASTER.format(port=port))
    conf = str(home / "conf")
    _run("postfix", "-c", conf, "start")
    try:
        wait_until(lambda: greets(port), seconds=20, what="Postfix's greeting")
        master = int((home / "queue" / "pid" / "master.pid").read_text())
        yield Postfix(home=home, port=port, sink_port=sink_port, master=master)
    finally:
        _run("postfix", "-c", conf, "stop")


@contextmanager
def sink(port: int) -> Iterator[None]:
    """Run a next hop that takes everything and keeps nothing."""
    process = subprocess.Popen(["smtp-sink", "-u", "postfix", f"127.0.0.1:{port}", "512"])
    try:
        wait_until(lambda: greets(port), seconds=10, what="the sink's greeting")
        yield
    finally:
        process.terminate()
        process.wait()


def _files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
