"""What README, examples and alerts promise is there."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import gateway
from gateway.cli import app
from gateway.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md")
CONTRACT = {
    "audit": {"verify", "export"},
    "check": set(),
    "demo": set(),
    "migrate": set(),
    "register": set(),
    "report": set(),
    "scan": set(),
    "selftest": set(),
    "sends": {"list", "show", "approve", "reject", "stop", "resume"},
    "serve": set(),
    "user": {"add", "list", "disable", "token"},
    "version": set(),
}
NOT_YET = {"report"}


def test_the_commands_of_the_contract_are_there() -> None:
    assert set(COMMANDS) == CONTRACT.keys() - NOT_YET
    for name, inner in CONTRACT.items():
        if inner:
            assert inner <= COMMANDS[name].commands.keys()


def test_readme_names_every_command_in_both_languages_and_no_other() -> None:
    japanese, english = README.split("# Sekisho (English)")
    for half in (japanese, english):
        assert set(re.findall(r"sekisho (\w+)", _code(half))) == set(COMMANDS)


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name in DOCUMENTS:
        assert (
            set(re.findall(r"(?<!git )make ([a-z-]+)", _code((ROOT / name).read_text(encoding="utf-8"))))
            <= targets
        )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("https://") and not (ROOT / link).exists()] == []


def test_the_example_config_validates_and_shows_every_section() -> None:
    example = ROOT / "deploy" / "sekisho.example.toml"
    assert load_settings(example, {}).model_fields_set == Settings.model_fields.keys()


def test_the_example_config_shows_defaults_where_it_says_so() -> None:
    ours = load_settings(ROOT / "deploy" / "sekisho.example.toml", {})
    for section in ("sends", "policy", "review", "release", "inspect", "retention", "log"):
        assert getattr(ours, section) == getattr(Settings(), section)


def test_the_configs_in_readme_validate(tmp_path: Path) -> None:
    configs = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert configs
    for config in configs:
        file = tmp_path / "sekisho.toml"
        file.write_text(config, encoding="utf-8")
        load_settings(file, {})


def test_alerts_watch_only_what_is_measured() -> None:
    alerts = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    measured = set()
    for source in (ROOT / "gateway" / "metrics.py", ROOT / "gateway" / "web" / "figures.py"):
        measured |= set(re.findall(r'"(sekisho_\w+)"', source.read_text(encoding="utf-8")))
    watched = set(re.findall(r"\bsekisho_\w+", alerts))
    assert watched - measured <= {
        "sekisho_selftest_ok",
        "sekisho_audit_ok",
    }  # figures.py puts these names together
    assert len(watched) >= 8


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == gateway.__version__


def test_decisions_speak_of_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = "\n".join(
        line
        for line in (ROOT / "DECISIONS.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    )
    named = set(re.findall(r"[a-z][a-z0-9-]+", table))
    assert [line for line in project["dependencies"] if re.split(r"[^a-z0-9-]", line)[0] not in named] == []


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_ci_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text(encoding="utf-8")


def _code(markdown: str) -> str:
    """Give what stands in code blocks and between backticks."""
    blocks = re.findall(r"```.*?\n(.*?)```", markdown, re.DOTALL)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)))
