"""What can be set: one TOML file, every key overridable by SEKISHO_SECTION__KEY in the environment.

In: a file's path, an environment. Out: Settings. Fails: BadConfig naming file (or variable), key and remedy.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from gateway.errors import BadConfig
from gateway.remedies import remedy_of, unknown_key

ENVIRONMENT_PREFIX = "SEKISHO_"
NOT_SETTINGS = frozenset({"SEKISHO_TOKEN", "SEKISHO_LIFELINE"})
OF_KUBERNETES = re.compile(
    r"SEKISHO_(SERVICE_(HOST|PORT)|PORT)(_[A-Z0-9]+)*"
)  # set where a Service is named so

HOUR, DAY = 3600, 86_400


def _address(text: str) -> str:
    parts = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\s]+):(\d{1,5})", text)
    if parts is None:
        raise ValueError(
            '"ホスト:ポート" にしてください / give host and port, as "127.0.0.1:2525" or "[::1]:2525"'
        )
    if int(parts[2]) > 65535:
        raise ValueError("ポートは 65535 までです / a port is 65535 or less")
    return text


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        ip_network(value)
    except ValueError:
        try:
            meant = ip_network(value, strict=False)
        except ValueError:
            return value
        remedy = f"ネットワークのアドレスは {meant} です。一台なら /{meant.max_prefixlen} を付けてください"
        raise ValueError(
            f"{remedy} / the network there is {meant}; of one machine, /{meant.max_prefixlen}"
        ) from None
    return value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(_address)]  # port 0: any free one, which the log names
Addresses = Annotated[tuple[Address, ...], BeforeValidator(_listed)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = Annotated[tuple[Network, ...], BeforeValidator(_listed)]


class Section(BaseModel):
    """A section of the file; a key that it does not name is a mistake, and so is a number without end."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _key_needs_cert(section: SmtpSettings | WebSettings) -> None:
    if section.tls_key is not None and section.tls_cert is None:
        raise ValueError("tls_key には tls_cert も必要です / tls_key needs tls_cert as well")


class StoreSettings(Section):
    """Where everything is kept."""

    url: str = "sqlite:///sekisho-data/sekisho.db"
    seal_key_file: Path | None = None  # default: seal.key beside the SQLite file


class SmtpSettings(Section):
    """The listener for mail tools."""

    listen: Addresses = ("127.0.0.1:2525",)
    listen_tls: Addresses = ()  # implicit TLS (RFC 8314)
    hostname: str = "sekisho.localdomain"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_bytes: int = Field(default=36_700_160, ge=1024)
    max_recipients: int = Field(default=10_000, ge=100)  # RFC 5321, 4.5.3.1.8: at least 100
    max_connections: int = Field(default=200, ge=1)  # of one process
    max_connections_per_peer: int = Field(default=50, ge=1)
    max_commands: int = Field(default=100_000, ge=10)  # of one connection
    max_hops: int = Field(default=100, ge=2)
    timeout_seconds: int = Field(default=300, ge=1, le=DAY)
    spool_dir: Path | None = None  # where a large mail waits until it is whole; default: the system's
    processes: int = Field(default=2, ge=1, le=64)

    @model_validator(mode="after")
    def _can_be_reached(self) -> SmtpSettings:
        if not self.listen and not self.listen_tls:
            raise ValueError("listen か listen_tls が必要です / give listen or listen_tls")
        _key_needs_cert(self)
        return self


TOGETHER = "username と password_file は両方必要です / username and password_file go together"


class ClientSettings(Section):
    """A mail tool that may relay: known by its network, or by login."""

    name: str = Field(min_length=1)
    networks: Networks = ()
    username: str | None = None
    password_file: Path | None = None
    bulk: bool = True  # False: each mail is a send of its own, judged at once
    bare_newline: Literal["refuse", "normalise"] = "refuse"

    @model_validator(mode="after")
    def _known_somehow(self) -> ClientSettings:
        if not self.networks and not self.username:
            raise ValueError(
                "networks か、username と password_file が必要です / give networks, or username and password_file"
            )
        if bool(self.username) != bool(self.password_file):
            raise ValueError(TOGETHER)
        return self


class RelaySettings(Section):
    """The next hop (smarthost). No host: mail is held, nothing is relayed."""

    host: str | None = None
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["opportunistic", "required", "none"] = "opportunistic"
    username: str | None = None
    password_file: Path | None = None
    connections: int = Field(default=8, ge=1, le=256)
    timeout_seconds: float = Field(default=60, gt=0, le=DAY)
    retry_seconds: tuple[Annotated[int, Field(ge=1, le=7 * DAY)], ...] = Field(
        default=(60, 300, 900, 1800, 3600), min_length=1
    )  # then the last, again and again
    give_up_hours: float = Field(default=120, gt=0, le=8760)  # RFC 5321, 4.5.4.1: 4-5 days

    @model_validator(mode="after")
    def _login_is_whole(self) -> RelaySettings:
        if bool(self.username) != bool(self.password_file):
            raise ValueError(TOGETHER)
        return self


class WebSettings(Section):
    """The review pages and the API."""

    listen: Address = "127.0.0.1:8080"
    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    session_minutes: int = Field(default=60, ge=1, le=43_200)

    @model_validator(mode="after")
    def _key_has_its_certificate(self) -> WebSettings:
        _key_needs_cert(self)
        return self


class SendsSettings(Section):
    """When mails make one send."""

    quiet_seconds: float = Field(default=60, gt=0, le=DAY)
    max_open_seconds: float = Field(default=3600, gt=0, le=7 * DAY)
    bulk_at: int = Field(default=10, ge=2)


class PolicySettings(Section):
    """Which policy judges: a name from policies/, or a path."""

    file: str = "default"


class CustomersSettings(Section):
    """The register of the organisation's own customers, which `sekisho register` writes."""

    file: Path | None = None  # default: customers.hashes beside the SQLite file, if there is one


class PasswordsSettings(Section):
    """Which passwords are tried on what is locked: a list of the organisation's, and those that mails of the same sender tell."""

    file: Path | None = None  # one a line
    days: float = Field(default=3, ge=0, le=30)  # from how long ago on mails are read for them


class ReviewSettings(Section):
    """How many people, and for how long."""

    approvals: int = Field(default=2, ge=2)
    expire_hours: float = Field(default=72, gt=0, le=87_600)  # ten years


class ReleaseSettings(Section):
    """Going out in waves: so many mails, a pause, more; empty: all at once."""

    waves: tuple[Annotated[int, Field(ge=1)], ...] = ()
    wave_seconds: float = Field(default=600, ge=0, le=7 * DAY)


class InspectSettings(Section):
    """The worker processes that open what came from outside, and their limits."""

    workers: int = Field(default=2, ge=1, le=64)
    seconds: float = Field(default=60, gt=0, le=HOUR)
    send_seconds: float = Field(default=HOUR, gt=0, le=24 * HOUR)  # of all workers together, for one send
    max_bytes: int = Field(default=2_147_483_648, ge=1024)
    max_depth: int = Field(default=8, ge=1)
    max_members: int = Field(default=10_000, ge=1)
    memory_mib: int = Field(default=1024, ge=256)
    ocr_seconds: float = Field(default=20, ge=0, le=HOUR)  # 0: pictures are not read


class RetentionSettings(Section):
    """How long what is finished is kept."""

    quarantine_days: int = Field(default=30, ge=1, le=36_500)
    evidence_days: int = Field(default=1095, ge=1, le=36_500)

    @model_validator(mode="after")
    def _mails_go_first(self) -> RetentionSettings:
        if self.evidence_days < self.quarantine_days:
            raise ValueError(
                "evidence_days は quarantine_days 以上にしてください / evidence_days cannot be less than quarantine_days"
            )
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
    customers: CustomersSettings = CustomersSettings()
    passwords: PasswordsSettings = PasswordsSettings()
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
            raise ValueError(
                "name が同じ client が二つあります。変えてください / two clients have the same name; change one"
            )
        logins = [client.username for client in clients if client.username]
        if len(set(logins)) < len(logins):
            raise ValueError(
                "username が同じ client が二つあります。変えてください / two clients have the same username; change one"
            )
        return clients


KEYS = frozenset(Settings.model_fields).union(
    ClientSettings.model_fields,
    *(type(field.default).model_fields for name, field in Settings.model_fields.items() if name != "client"),
)

ENVIRONMENT_KEYS = frozenset(
    (section, key)
    for section, field in Settings.model_fields.items()
    if section != "client"
    for key in type(field.default).model_fields
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
            remedy = f"UTF-8 のファイルとして読めません / the file cannot be read ({type(error).__name__})"
            raise BadConfig(file=source, key="-", remedy=remedy) from error
        except tomllib.TOMLDecodeError as error:
            raise BadConfig(
                file=source, key="-", remedy=f"TOML として読めません / not valid TOML: {error}"
            ) from error
    overridden = _overlay(values, environment)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _explained(error, source, overridden) from error


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Lay SEKISHO_SECTION__KEY over the values of the file; give which variable set which key."""
    overridden: dict[tuple[str, ...], str] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable in NOT_SETTINGS:
            continue
        if OF_KUBERNETES.fullmatch(variable):
            continue
        section, _, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if section == "client" and key:
            remedy = "[[client]] はファイルにだけ書けます / [[client]] can only be set in the file"
            raise BadConfig(file="environment", key=variable, remedy=remedy)
        if (section, key) not in ENVIRONMENT_KEYS:
            raise BadConfig(file="environment", key=variable, remedy=_nearest_variable(variable))
        table = values.setdefault(section, {})
        if isinstance(table, dict):  # what else it may be is named as a mistake of the file
            table[key] = _from_text(text)
            overridden[section, key] = variable
    return overridden


def _nearest_variable(variable: str) -> str:
    names = [f"{ENVIRONMENT_PREFIX}{section}__{key}".upper() for section, key in sorted(ENVIRONMENT_KEYS)]
    near = get_close_matches(variable, names, n=1, cutoff=0.5)
    hint = f"{near[0]} ではありませんか / unknown variable; did you mean {near[0]}?" if near else ""
    return f"知らない変数です。{hint or '消してください / unknown variable; remove it'}"


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
    if first["type"] == "extra_forbidden":
        remedy = unknown_key(place[-1], _known_keys(place))
    else:
        remedy = remedy_of(first)
    return BadConfig(file="environment" if variable else source, key=key, remedy=remedy)


def _known_keys(place: tuple[str, ...]) -> list[str]:
    if len(place) == 1:
        return sorted(Settings.model_fields)
    section = ClientSettings if place[0] == "client" else type(Settings.model_fields[place[0]].default)
    return sorted(section.model_fields)
