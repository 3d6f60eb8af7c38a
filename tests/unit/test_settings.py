"""Settings: a mistake is named with its file, its key and what to do, whichever command reads it."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway import supervisor
from gateway.cli import main
from gateway.errors import BadConfig
from gateway.settings import Settings, load_settings

POLICIES = Path(__file__).with_name("policies_invalid")


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Take back what a command sets up: it writes to the standard error of this test, which nobody has later."""
    handlers = list(logging.root.handlers)
    yield
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sekisho", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Write a config file; the environment of whoever runs the tests does not count."""
    import os

    for variable in [name for name in os.environ if name.startswith("SEKISHO_")]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        file = tmp_path / "sekisho.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


MISTAKES = {
    "unknown key": (
        "[smtp]\nlisten_on = 25\n",
        "smtp.listen_on",
        "unknown key; remove it or use one of: listen",
    ),
    "unknown section": ("[smpt]\n", "smpt", "unknown key; remove it or use one of: smtp, client, "),
    "key outside its section": ("quiet_seconds = 3\n", "quiet_seconds", "unknown key"),
    "unknown key of a client": (
        '[[client]]\nname = "a"\nnetworks = ["10.0.0.0/8"]\nbluk = true\n',
        "client.0.bluk",
        "use one of: bulk, bare_newline, name,",
    ),
    "wrong type": ('[relay]\nconnections = "many"\n', "relay.connections", "valid integer"),
    "section that is none": ("smtp = 25\n", "smtp", "valid dictionary"),
    "not an address": ('[smtp]\nlisten = ["localhost"]\n', "smtp.listen.0", "give host and port"),
    "not a network": (
        '[[client]]\nname = "a"\nnetworks = ["10.0.0.1/8"]\n',
        "client.0.networks.0",
        "the network there is 10.0.0.0/8; of one machine, /32",
    ),
    "unknown word": ('[relay]\ntls = "maybe"\n', "relay.tls", "'opportunistic', 'required' or 'none'"),
    "one approval": ("[review]\napprovals = 1\n", "review.approvals", "greater than or equal to 2"),
    "too small": ("[smtp]\nmax_recipients = 10\n", "smtp.max_recipients", "greater than or equal to 100"),
    "nothing to keep": (
        "[retention]\nquarantine_days = 0\n",
        "retention.quarantine_days",
        "greater than or equal to 1",
    ),
    "evidence that goes before the mails": (
        "[retention]\nquarantine_days = 40\nevidence_days = 30\n",
        "retention",
        "evidence_days cannot be less than quarantine_days",
    ),
    "client nobody could be": (
        '[[client]]\nname = "a"\n',
        "client.0",
        "give networks, or username and password_file",
    ),
    "login without password": ('[[client]]\nname = "a"\nusername = "a"\n', "client.0", "go together"),
    "client without name": ('[[client]]\nnetworks = ["10.0.0.0/8"]\n', "client.0.name", "required"),
    "same client twice": (
        '[[client]]\nname = "a"\nnetworks = ["10.0.0.0/8"]\n' * 2,
        "client",
        "the same name",
    ),
    "client in single brackets": (
        '[client]\nname = "a"\nnetworks = ["10.0.0.0/8"]\n',
        "client",
        "write [[client]], in double brackets",
    ),
    "same login twice": (
        "".join(f'[[client]]\nname = "{name}"\nusername = "u"\npassword_file = "p"\n' for name in ("a", "b")),
        "client",
        "the same username",
    ),
    "port that none can be": ('[smtp]\nlisten = ["127.0.0.1:99999"]\n', "smtp.listen.0", "65535"),
    "port of the pages that none can be": ('[web]\nlisten = "127.0.0.1:65536"\n', "web.listen", "65535"),
    "nowhere to connect to": ("[smtp]\nlisten = []\n", "smtp", "give listen or listen_tls"),
    "key without certificate": ('[smtp]\ntls_key = "k"\n', "smtp", "tls_key needs tls_cert"),
    "pages' key without certificate": ('[web]\ntls_key = "k"\n', "web", "tls_key needs tls_cert"),
    "relay's login without password": ('[relay]\nusername = "a"\n', "relay", "go together"),
    "wave of none": ("[release]\nwaves = [-1]\n", "release.waves.0", "1 or more"),
    "retry in the past": ("[relay]\nretry_seconds = [-5]\n", "relay.retry_seconds.0", "1 or more"),
    "no retry": ("[relay]\nretry_seconds = []\n", "relay.retry_seconds", "1 or more"),
    "hold without end": ("[review]\nexpire_hours = inf\n", "review.expire_hours", "finite"),
    "hold for longer than dates go": (
        "[review]\nexpire_hours = 1e9\n",
        "review.expire_hours",
        "87600 or less",
    ),
    "quiet without end": ("[sends]\nquiet_seconds = inf\n", "sends.quiet_seconds", "finite"),
    "quiet that is no number": ("[sends]\nquiet_seconds = nan\n", "sends.quiet_seconds", "finite"),
    "session without end": (
        "[web]\nsession_minutes = 1000000000000\n",
        "web.session_minutes",
        "43200 or less",
    ),
    "not TOML": ("[smtp\n", "-", "not valid TOML"),
    "same key twice": ("[web]\nsession_minutes = 1\nsession_minutes = 2\n", "-", "not valid TOML"),
}


@pytest.mark.parametrize(("text", "key", "remedy"), MISTAKES.values(), ids=MISTAKES.keys())
@pytest.mark.parametrize("command", ["check", "serve"])
def test_a_mistake_is_named_with_file_key_and_remedy(config, monkeypatch, capsys, command, text, key, remedy):
    file = config(text)
    assert run(monkeypatch, command, "--config", str(file)) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"{file}: {key}: ")
    assert remedy in said.err
    assert said.err.count("\n") == 1
    assert not Path("sekisho-data").exists()


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("SEKISHO_RELAY__PORT", "smtp", "valid integer"),
        ("SEKISHO_RELAY__PROT", "25", "did you mean SEKISHO_RELAY__PORT?"),
        ("SEKISHO_STORE_URL", "sqlite:///x.db", "did you mean SEKISHO_STORE__URL?"),
        ("SEKISHO_BOGUS__X", "1", "unknown variable"),
        ("SEKISHO_RELAY", "x", "unknown variable"),
        ("SEKISHO_REVIEW__APPROVALS", "1", "greater than or equal to 2"),
        ("SEKISHO_CLIENT__NAME", "x", "[[client]] can only be set in the file"),
        ("SEKISHO_SMTP__LISTEN", "[25", "give host and port"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    config, monkeypatch, capsys, variable, value, remedy
):
    file = config('[relay]\nhost = "127.0.0.1"\n[[client]]\nname = "a"\nnetworks = ["10.0.0.0/8"]\n')
    monkeypatch.setenv(variable, value)
    assert run(monkeypatch, "check", "--config", str(file)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"environment: {variable}: ")
    assert remedy in said


def test_no_mistake_repeats_what_was_set(config, monkeypatch, capsys):
    monkeypatch.setenv("SEKISHO_RELAY__PORT", "hunter2")
    run(monkeypatch, "check")
    assert "hunter2" not in capsys.readouterr().err


def test_the_environment_lies_over_the_file(config):
    file = config('[relay]\nhost = "file.example"\nport = 26\n')
    environment = {
        "SEKISHO_RELAY__HOST": "env.example",
        "SEKISHO_SMTP__LISTEN": '["0.0.0.0:25", "[::]:25"]',
        "SEKISHO_SENDS__QUIET_SECONDS": "0.5",
        "SEKISHO_RELEASE__WAVES": "[50, 1000]",
        "SEKISHO_TOKEN": "not a setting",
        "SEKISHO_SERVICE_HOST": "10.0.0.1",  # Kubernetes sets these for a Service of this name
        "SEKISHO_PORT_2525_TCP_ADDR": "10.0.0.1",
        "HOME": "/",
    }
    settings = load_settings(file, environment)
    assert (settings.relay.host, settings.relay.port) == ("env.example", 26)
    assert settings.smtp.listen == ("0.0.0.0:25", "[::]:25")
    assert settings.sends.quiet_seconds == 0.5
    assert settings.release.waves == (50, 1000)


def test_one_address_or_network_needs_no_list(config):
    settings = load_settings(
        config('[smtp]\nlisten = "127.0.0.1:2526"\n[[client]]\nname = "a"\nnetworks = "10.0.0.0/8"\n'), {}
    )
    assert settings.smtp.listen == ("127.0.0.1:2526",)
    assert [str(network) for network in settings.client[0].networks] == ["10.0.0.0/8"]


@pytest.mark.parametrize("text", [text for text, _, _ in MISTAKES.values()], ids=MISTAKES.keys())
def test_each_remedy_is_in_japanese_and_in_english(config, text):
    with pytest.raises(BadConfig) as found:
        load_settings(config(text), {})
    japanese, _, english = found.value.remedy.partition(" / ")
    assert not japanese.isascii()
    assert english


def test_without_a_file_nothing_is_relayed_and_nobody_outside_is_heard():
    settings = load_settings(None, {})
    assert settings == Settings()
    assert settings.relay.host is None
    assert settings.smtp.listen == ("127.0.0.1:2525",)
    assert settings.web.listen == "127.0.0.1:8080"
    assert settings.store.url == "sqlite:///sekisho-data/sekisho.db"
    assert settings.review.approvals == 2


@pytest.mark.parametrize("raw", [None, b"\xff\xfe"], ids=["missing", "not-utf-8"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, raw):
    file = tmp_path / "sekisho.toml"
    if raw is not None:
        file.write_bytes(raw)
    with pytest.raises(BadConfig, match="the file cannot be read") as found:
        load_settings(file, {})
    assert found.value.file == str(file)


FILES = {
    "smtp.tls_cert": '[smtp]\ntls_cert = "/nowhere/cert.pem"\n',
    "relay.password_file": '[relay]\nusername = "a"\npassword_file = "/nowhere/password"\n',
    "client.a.password_file": '[[client]]\nname = "a"\nusername = "a"\npassword_file = "/nowhere/password"\n',
    "smtp.spool_dir": '[smtp]\nspool_dir = "/nowhere"\n',
}


@pytest.mark.parametrize(("key", "text"), FILES.items(), ids=FILES.keys())
@pytest.mark.parametrize("command", ["check", "serve"])
def test_what_the_settings_name_has_to_be_there(config, monkeypatch, capsys, command, key, text):
    assert run(monkeypatch, command, "--config", str(config(text))) == 2
    said = capsys.readouterr().err
    assert said.startswith("/nowhere")
    assert f": {key}: " in said


UNUSABLE = {
    "SMTP's certificate": (
        '[smtp]\ntls_cert = "no.pem"\ntls_key = "no.pem"\n',
        "no.pem: smtp.tls_cert: ",
        "a certificate in PEM",
    ),
    "the pages' certificate": (
        '[web]\ntls_cert = "no.pem"\n',
        "no.pem: web.tls_cert: ",
        "a certificate in PEM",
    ),
    "TLS without certificate": (
        '[smtp]\nlisten_tls = ["127.0.0.1:4650"]\n',
        "smtp.listen_tls: ",
        "give tls_cert and tls_key",
    ),
    "a login without TLS": (
        '[[client]]\nname = "a"\nusername = "a"\npassword_file = "no.pem"\n',
        "client.a.username: ",
        "needs TLS",
    ),
    "an empty password": (
        '[[client]]\nname = "a"\nnetworks = "10.0.0.0/8"\nusername = "a"\npassword_file = "empty"\n',
        "empty: client.a.password_file: ",
        "on the first line",
    ),
    "a device": ('[smtp]\ntls_cert = "/dev/null"\n', "/dev/null: smtp.tls_cert: ", "no regular file"),
}


@pytest.mark.parametrize(("text", "place", "remedy"), UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("command", ["check", "serve"])
def test_what_cannot_be_used_is_named_before_anything_starts(
    config, monkeypatch, capsys, tmp_path, command, text, place, remedy
):
    file = config(text)
    (tmp_path / "no.pem").write_text("hunter2\n")
    (tmp_path / "empty").touch()
    assert run(monkeypatch, command, "--config", str(file)) == 2
    said = capsys.readouterr().err
    assert said.startswith((place, f"{file}: {place}"))
    assert remedy in said
    assert "hunter2" not in said
    assert not Path("sekisho-data").exists()


@pytest.mark.parametrize("key", ["smtp.listen", "web.listen"])
def test_an_address_in_use_ends_serve_before_anything_starts(config, monkeypatch, capsys, key):
    monkeypatch.setattr(supervisor, "FREE_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        section = key.partition(".")[0]
        listen = {"smtp": "127.0.0.1:0", "web": "127.0.0.1:0", section: address}
        file = config("".join(f'[{name}]\nlisten = "{value}"\n' for name, value in listen.items()))
        assert run(monkeypatch, "serve", "--config", str(file)) == 2
    assert capsys.readouterr().err.startswith(f"{file}: {key}: {address} ")
    assert not Path("sekisho-data").exists()


@pytest.mark.parametrize("role", ["smtp", "web"])
def test_an_address_in_use_ends_a_single_role(config, monkeypatch, capsys, role):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        file = config(f'[{role}]\nlisten = "{address}"\n' + "processes = 1\n" * (role == "smtp"))
        assert run(monkeypatch, "serve", "--roles", role, "--config", str(file)) == 2
    assert f"{role}.listen: {address} " in capsys.readouterr().err


def test_a_role_whose_settings_cannot_be_used_ends_serve_with_its_message(config, capfd):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    child = supervisor.Child(name="web", arguments=["check", "--config", str(config("[smpt]\n"))])
    try:
        with pytest.raises(supervisor.FirstStartFailed):
            supervisor.supervise([child])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert ": smpt: " in capfd.readouterr().err


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize("policy", sorted(POLICIES.glob("*.toml")), ids=lambda file: file.stem)
def test_a_bad_policy_is_named_before_anything_listens(config, monkeypatch, capsys, command, policy):
    file = config(f'[policy]\nfile = "{policy}"\n')
    assert run(monkeypatch, command, "--config", str(file)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{policy}: ")
    assert len(said.strip().split(": ", 2)) == 3


def test_a_policy_that_is_not_there_is_named(config, monkeypatch, capsys):
    assert run(monkeypatch, "check", "--config", str(config('[policy]\nfile = "lenient"\n'))) == 2
    assert "lenient" in capsys.readouterr().err


URLS = {
    "nonsense": "not a URL",
    "mysql://a@b/c": "use sqlite:///file or postgresql://user@host/name",
    "sqlite://": "name a file",
    "sqlite:///:memory:": "name a file",
}


@pytest.mark.parametrize(("url", "remedy"), URLS.items(), ids=URLS.keys())
def test_a_database_that_cannot_be_used_is_named(config, monkeypatch, capsys, url, remedy):
    for command in ("check", "serve", "migrate"):
        assert run(monkeypatch, command, "--config", str(config(f'[store]\nurl = "{url}"\n'))) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"{Path('sekisho.toml').resolve()}: store.url: ")
        assert remedy in said


def test_postgresql_without_its_driver_says_what_to_install(config, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert run(monkeypatch, "check", "--config", str(config('[store]\nurl = "postgresql://a@b/c"\n'))) == 2
    assert "pip install '.[postgresql]'" in capsys.readouterr().err


def test_a_seal_key_cut_short_is_named(config, monkeypatch, capsys, tmp_path):
    (tmp_path / "seal.key").write_bytes(b"short")
    file = config(f'[store]\nurl = "sqlite:///{tmp_path}/s.db"\nseal_key_file = "{tmp_path}/seal.key"\n')
    assert run(monkeypatch, "migrate", "--config", str(file)) == 2
    assert "the key is shorter" in capsys.readouterr().err


def test_a_good_file_is_said_to_be_good(config, monkeypatch, capsys):
    assert run(monkeypatch, "check", "--config", str(config('[log]\nlevel = "ERROR"\n'))) == 0
    assert capsys.readouterr().out.startswith("OK ")
    assert not Path("sekisho-data").exists()


def test_an_unknown_role_is_refused(config, monkeypatch, capsys):
    assert run(monkeypatch, "serve", "--roles", "smtp,mail") == 2
    assert "--roles" in capsys.readouterr().err
