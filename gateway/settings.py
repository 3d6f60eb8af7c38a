"""What can be set: one TOML file, every key overridable by SEKISHO_SECTION__KEY in the environment.

In: a file's path, an environment. Out: Settings. Fails: BadConfig naming file (or variable), key and remedy.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from gateway.errors import BadConfig

ENVIRONMENT_PREFIX = "SEKISHO_"
Address = Annotated[str, StringConstraints(pattern=r"^(\[[0-9A-Fa-f:]+\]|[^:\s]+):\d{1,5}$")]


class Section(BaseModel):
    """A section of the file; a key that it does not name is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(Section):
    """Where everything is kept."""

    url: str = "sqlite:///sekisho-data/sekisho.db"
    seal_key_file: Path | None = None  # default: seal.key beside the SQLite file


class SmtpSettings(Section):
    """The listener for mail tools."""

    listen: tuple[Address, ...] = ("127.0.0.1:2525",)
    listen_tls: tuple[Address, ...] = ()  # implicit TLS (RFC 8314)
    hostname: str = "sekisho.localdomain"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_bytes: int = Field(default=36_700_160, ge=1024)
    max_recipients: int = Field(default=10_000, ge=100)  # RFC 5321, 4.5.3.1.8: at least 100
    max_connections: int = Field(default=200, ge=1)  # of one process
    max_connections_per_peer: int = Field(default=50, ge=1)
    max_commands: int = Field(default=100_000, ge=10)  # of one connection
    max_hops: int = Field(default=100, ge=2)
    timeout_seconds: int = Field(default=300, ge=1)
    spool_dir: Path | None = None  # where a large mail waits until it is whole; default: the system's
    processes: int = Field(default=2, ge=1, le=64)


class ClientSettings(Section):
    """A mail tool that may relay: known by its network, or by login."""

    name: str = Field(min_length=1)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    username: str | None = None
    password_file: Path | None = None
    bulk: bool = True  # False: each mail is a send of its own, judged at once
    bare_newline: Literal["refuse", "normalise"] = "refuse"

    @model_validator(mode="after")
    def _known_somehow(self) -> ClientSettings:
        if not self.networks and not self.username:
            raise ValueError("give networks, or username and password_file")
        if bool(self.username) != bool(self.password_file):
            raise ValueError("username and password_file go together")
        return self


class RelaySettings(Section):
    """The next hop (smarthost). No host: mail is held, nothing is relayed."""

    host: str | None = None
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["opportunistic", "required", "none"] = "opportunistic"
    username: str | None = None
    password_file: Path | None = None
    connections: int = Field(default=8, ge=1, le=256)
    timeout_seconds: float = Field(default=60, gt=0)
    retry_seconds: tuple[int, ...] = (60, 300, 900, 1800, 3600)  # then the last, again and again
    give_up_hours: float = Field(default=120, gt=0)  # RFC 5321, 4.5.4.1: 4-5 days


class WebSettings(Section):
    """The review pages and the API."""

    listen: Address = "127.0.0.1:8080"
    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    session_minutes: int = Field(default=60, ge=1)


class SendsSettings(Section):
    """When mails make one send."""

    quiet_seconds: float = Field(default=60, gt=0)
    max_open_seconds: float = Field(default=3600, gt=0)
    bulk_at: int = Field(default=10, ge=2)


class PolicySettings(Section):
    """Which policy judges: a name from policies/, or a path."""

    file: str = "default"


class ReviewSettings(Section):
    """How many people, and for how long."""

    approvals: int = Field(default=2, ge=2)
    expire_hours: float = Field(default=72, gt=0)


class ReleaseSettings(Section):
    """Going out in waves: so many mails, a pause, more; empty: all at once."""

    waves: tuple[int, ...] = ()
    wave_seconds: float = Field(default=600, ge=0)


class InspectSettings(Section):
    """The worker processes that open what came from outside, and their limits."""

    workers: int = Field(default=2, ge=1, le=64)
    seconds: float = Field(default=60, gt=0)
    max_bytes: int = Field(default=2_147_483_648, ge=1024)
    max_depth: int = Field(default=8, ge=1)
    max_members: int = Field(default=10_000, ge=1)
    memory_mib: int = Field(default=1024, ge=256)


class RetentionSettings(Section):
    """How long what is finished is kept."""

    quarantine_days: int = Field(default=30, ge=1)
    evidence_days: int = Field(default=1095, ge=1)

    @model_validator(mode="after")
    def _mails_go_first(self) -> RetentionSettings:
        if self.evidence_days < self.quarantine_days:
            raise ValueError("evidence_days cannot be less than quarantine_days")
        return self


class LogSettings(Section):
    """Lines for machines or for people."""

    format: Literal["json", "console"] = "json"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Settings(Section):
    """Everything; the section names are the file's."""

    store: StoreSettings = StoreSettings()
    smtp: SmtpSettings = SmtpSettings()
    client: tuple[ClientSettings, ...] = (
        ClientSettings(name="local", networks=(IPv4Network("127.0.0.1/32"), IPv6Network("::1/128"))),
    )
    relay: RelaySettings = RelaySettings()
    web: WebSettings = WebSettings()
    sends: SendsSettings = SendsSettings()
    policy: PolicySettings = PolicySettings()
    review: ReviewSettings = ReviewSettings()
    release: ReleaseSettings = ReleaseSettings()
    inspect: InspectSettings = InspectSettings()
    retention: RetentionSettings = RetentionSettings()
    log: LogSettings = LogSettings()

    @field_validator("client")
    @classmethod
    def _names_differ(cls, clients: tuple[ClientSettings, ...]) -> tuple[ClientSettings, ...]:
        names = [client.name for client in clients]
        if len(set(names)) < len(names):
            raise ValueError("two clients have the same name")
        return clients


KEYS = frozenset(Settings.model_fields).union(
    ClientSettings.model_fields,
    *(type(field.default).model_fields for name, field in Settings.model_fields.items() if name != "client"),
)


def load_settings(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the file, if any, and lay the environment over it.

    Raises: BadConfig for the first mistake.
    """
    source = str(file) if file else "defaults"
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfig(
                file=source, key="-", remedy=f"the file cannot be read ({type(error).__name__})"
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise BadConfig(file=source, key="-", remedy=f"not valid TOML: {error}") from error
    overridden = _overlay(values, environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explained(error, source, overridden) from error


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Lay SEKISHO_SECTION__KEY over the values of the file; give which variable set which key."""
    overridden: dict[tuple[str, ...], str] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or "__" not in variable:
            continue
        section, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().split("__", 1)
        table = values.setdefault(section, {})
        if not isinstance(table, dict):
            raise BadConfig(
                file="environment", key=variable, remedy=f"[[{section}]] can only be set in the file"
            )
        table[key] = _from_text(text)
        overridden[section, key] = variable
    return overridden


def _from_text(text: str) -> Any:
    """Read a list, as JSON, from a variable; all else stays text, which the settings' types read."""
    if text.startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _explained(error: ValidationError, source: str, overridden: Mapping[tuple[str, ...], str]) -> BadConfig:
    first = error.errors(include_url=False, include_input=False)[0]
    place = tuple(str(step) for step in first["loc"])
    if first["type"] != "extra_forbidden":  # pydantic also names the inner steps of a type that is a choice
        place = tuple(step for step in place if step.isdecimal() or step in KEYS)
    variable = overridden.get(place[:2])
    key = variable or ".".join(place)
    remedy = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        known = _known_keys(place)
        remedy = f"unknown key; remove it or use one of: {', '.join(known)}"
    return BadConfig(file="environment" if variable else source, key=key, remedy=remedy)


def _known_keys(place: tuple[str, ...]) -> list[str]:
    if len(place) == 1:
        return sorted(Settings.model_fields)
    section = ClientSettings if place[0] == "client" else type(Settings.model_fields[place[0]].default)
    return sorted(section.model_fields)
