"""The command `sekisho`.

In: arguments. Out: what was asked for, on standard output. Fails: exit 2 for unusable arguments or settings, with file,
key and remedy on standard error.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway import __version__, cli_accounts, cli_audit, cli_register, cli_sends, locale
from gateway.cli_accounts import Config, naming, opened, settings_of
from gateway.errors import BadConfig, SekishoError
from gateway.supervisor import FirstStartFailed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="関所: 一斉送信メールの関門",
)
app.add_typer(cli_accounts.app, name="user")
app.add_typer(cli_sends.app, name="sends")
app.add_typer(cli_audit.app, name="audit")
app.command()(cli_register.register)


def main() -> NoReturn:
    """Run the command; errors that a user can mend are one line each."""
    try:
        app(standalone_mode=True)
    except BadConfig as error:
        sys.exit(_said(f"{error.file}: {error.key}: {error.remedy}"))
    except SekishoError as error:
        said = (
            [locale.of_error(lang, error) for lang in locale.LANGUAGES]
            if locale.code_of(error)
            else [str(error)]
        )
        sys.exit(_said(" / ".join(said)))
    sys.exit(0)


def _said(line: str) -> int:
    print(line, file=sys.stderr)  # noqa: T201 - this is the command's output
    return 2


@app.command()
def serve(
    config: Config = None, roles: Annotated[str, typer.Option(help="smtp,web,worker")] = "smtp,web,worker"
) -> None:
    """関所を動かす。Run the gateway."""
    from gateway import app as wiring  # noqa: PLC0415 - each command pays for its own imports only
    from gateway.check import check_config  # noqa: PLC0415

    wanted = []
    for name in roles.split(","):
        if name not in set(wiring.RunRole):
            remedy = f"次から選んでください / use some of: {', '.join(wiring.RunRole)}"
            raise BadConfig(file="command line", key="--roles", remedy=remedy)
        wanted.append(wiring.RunRole(name))
    settings = settings_of(config)
    with naming(config):
        check_config(settings)
        try:
            wiring.serve(settings, wanted, ["serve", *(["--config", str(config)] if config else [])])
        except FirstStartFailed as error:  # its process has said why
            raise typer.Exit(2) from error


@app.command()
def scan(
    paths: Annotated[list[str], typer.Argument(help="ファイル、フォルダ、または - / files, folders, or -")],
    json: Annotated[bool, typer.Option("--json", help="1件1行のJSON / one JSON object a line")] = False,
    policy: Annotated[
        str | None,
        typer.Option(
            help="ポリシー名またはファイル。既定は設定のもの / name or file; default: what the config says"
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="並列数。既定は CPU の数 / workers; as many as there are CPUs")
    ] = None,
    spans: Annotated[bool, typer.Option("--spans", help="検出位置 / where findings stand")] = False,
    state: Annotated[
        Path | None,
        typer.Option(help="途中経過。止めても同じ指定で続く / a file to go on from, run after run"),
    ] = None,
    config: Config = None,
) -> None:
    """文書やメールを検査する(送信しない)。Inspect documents, mails, mailboxes and folders of them, offline."""
    from gateway.scan.command import How, scan_paths  # noqa: PLC0415

    settings = settings_of(config)
    how = How(policy=policy, jobs=jobs or os.cpu_count() or 2, as_json=json, spans=spans, state=state)
    raise typer.Exit(scan_paths(paths, settings, how))


@app.command()
def check(config: Config = None) -> None:
    """設定とポリシーを確かめる。Validate settings and policies."""
    from gateway.check import check_config  # noqa: PLC0415
    from gateway.policy import check_samples, load_policy  # noqa: PLC0415

    settings = settings_of(config)
    with naming(config):
        check_config(settings)
    policy = load_policy(settings.policy.file)
    check_samples(policy, file=settings.policy.file)
    typer.echo(f"OK  {config or 'defaults'}  policy={policy.name}")


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="人手なしで最後まで / play it to the end, then stop")
    ] = False,
    lang: Annotated[str, typer.Option(help="ja, en")] = "ja",
) -> None:
    """プラスワンの一週間を再現する。Play the Plus One week on this machine."""
    from gateway.demo.story import play  # noqa: PLC0415

    raise typer.Exit(play(once=once, lang=lang))


@app.command()
def migrate(config: Config = None) -> None:
    """データベースを最新にする。Bring the schema up to date."""
    from gateway.store.migrate import current  # noqa: PLC0415

    typer.echo(current(opened(config)))


@app.command()
def selftest(config: Config = None) -> None:
    """仕込んだ漏えいが止まることを確かめる。See that a planted leak is held."""
    from gateway.selftest import planted_leak_is_held  # noqa: PLC0415

    settings = settings_of(config)
    outcome = planted_leak_is_held(settings)
    typer.echo(outcome.line)
    raise typer.Exit(0 if outcome.held else 1)


@app.command()
def version() -> None:
    """版を示す。Say the version."""
    typer.echo(f"sekisho {__version__}")
