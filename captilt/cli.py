"""The command line: every command is a thin call, imported only when it is asked for."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter, UnusedCliTokensError

from captilt.context import Common


def _version() -> str:
    from importlib.metadata import version

    return version("captilt")


COLLECT_EVERY = 50_000  # objects; Python says 700: modules and records are no garbage, and looking costs 5 %
WINDOWS = "captilt does not run on Windows itself: its locks, signals and synchronised folders are those of Unix."

MORNING = Group("Every morning", sort_key=1)
RESEARCH = Group("Research", sort_key=2)
DESK = Group("The desk", sort_key=3)
EXAMPLES = """\
Examples:
  captilt run                             today; --as-of DAY studies a past day
  captilt review serve                    the page: read, drill down, decide
  captilt fedpath 2026-12-09              one meeting: outcomes now and before
  captilt report --brief --out brief.pdf  one page for the committee
  captilt backtest --xlsx record.xlsx     the record, month by month
  captilt --install-completion            complete commands in this shell
"""

app = App(
    name="captilt",
    default_parameter=Parameter(negative=""),  # an option that is off unless it is named needs no second name
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    help="How much more or less than policy to hold in US small caps today, and why.",
    version=_version,
    version_flags=["--version"],
)

_HERE = "captilt.commands"
_COMMANDS = (
    ("run", f"{_HERE}.run:run", "The daily job: fetch, read, call, decide, record, tell.", MORNING),
    ("fedpath", f"{_HERE}.fedpath:fedpath", "Meeting-by-meeting probabilities from Fed funds futures.", MORNING),
    ("backtest", f"{_HERE}.backtest:backtest", "The walk-forward result against its benchmarks.", RESEARCH),
    ("challengers", f"{_HERE}.challengers:challengers", "Registered rules, compared forward only.", RESEARCH),
    ("scenario", f"{_HERE}.scenario:scenario", "Shock the inputs and recompute everything.", RESEARCH),
    ("vehicle", f"{_HERE}.vehicle:vehicle", "Active or passive: the fee hurdle.", RESEARCH),
    ("hedge", f"{_HERE}.hedge:hedge", "Correlation, beta and hedge of a real book.", RESEARCH),
    ("schedule", f"{_HERE}.schedule:schedule", "The resident daily scheduler, with catch-up.", DESK),
    ("report", f"{_HERE}.report:report", "One self-contained HTML report.", MORNING),
    ("replay", f"{_HERE}.ledger:replay", "Recompute a recorded day and compare it with the ledger.", DESK),
    ("backup", f"{_HERE}.ledger:backup", "A verified copy of all state.", DESK),
    ("restore", f"{_HERE}.ledger:restore", "Bring a verified copy back.", DESK),
    ("metrics", f"{_HERE}.metrics:metrics", "Last run, age of data, unsent alerts, in Prometheus' text format.", DESK),
    ("mcp", f"{_HERE}.mcp:mcp", "Six read-only tools for assistants (extra captilt[mcp]).", DESK),
    ("doctor", f"{_HERE}.doctor:doctor", "Check settings, keys, clock, store, freshness, channels.", MORNING),
)
_GROUPS = {
    "data": (
        DESK,
        "What is stored, its age and its gaps; import, export, fetch.",
        (
            ("import", f"{_HERE}.data:import_", "Import a folder in the documented format."),
            ("export", f"{_HERE}.data:export", "Export everything stored, in the same format."),
            ("fetch", f"{_HERE}.data:fetch", "Fetch from the providers."),
            ("migrate", f"{_HERE}.data:migrate", "Copy facts and ledger to a PostgreSQL server, or back."),
            ("status", f"{_HERE}.data:status", "Age, gaps and quarantine of every series."),
        ),
    ),
    "signals": (
        MORNING,
        "Every signal with its health, or one with its evidence.",
        (("check", f"{_HERE}.signals:check", "Try signals of your own against the contract."),),
    ),
    "filings": (
        RESEARCH,
        "How companies are financed, from their filings at the SEC.",
        (
            ("fetch", f"{_HERE}.filings:fetch", "Fetch what is missing and rebuild the series."),
            ("show", f"{_HERE}.filings:show", "Small and large companies side by side."),
            ("status", f"{_HERE}.filings:status", "Quarters stored, refusals, damaged files."),
        ),
    ),
    "fomc": (
        DESK,
        "The FOMC's decisions as every source has them; enter one that none has yet.",
        (("add", f"{_HERE}.fomc:add", "Enter a decision: day and target range."),),
    ),
    "regime": (
        MORNING,
        "Today's call of the rate cycle, its chronology and the league of models.",
        (
            ("chronology", f"{_HERE}.regime:chronology", "The hindsight table of hiking and easing phases."),
            ("league", f"{_HERE}.regime:league", "Walk-forward scores of every model."),
        ),
    ),
    "evidence": (
        RESEARCH,
        "Is any of it reliable: the verdict, and every claim with its test.",
        (
            ("claims", f"{_HERE}.evidence:claims", "Every claim of the folklore, tested."),
            ("power", f"{_HERE}.evidence:power", "What the verdict can see, by resampling the whole process."),
        ),
    ),
    "alert": (
        DESK,
        "Try a channel, look at the outbox, preview what would be sent.",
        (
            ("test", f"{_HERE}.alert:test", "Send a test message."),
            ("list", f"{_HERE}.alert:list_", "The outbox and its attempts."),
            ("preview", f"{_HERE}.alert:preview", "Write every kind of message of every channel to files."),
        ),
    ),
    "review": (
        MORNING,
        "The manual rebalance review.",
        (
            ("serve", f"{_HERE}.review:serve", "Serve the review page."),
            ("list", f"{_HERE}.review:list_", "Advice and decisions."),
            ("show", f"{_HERE}.review:show", "One advice in full, with the orders of a book."),
            ("books", f"{_HERE}.review:books", "Orders of every book of the settings."),
            ("accept", f"{_HERE}.review:accept", "Accept the advice."),
            ("modify", f"{_HERE}.review:modify", "Accept with another weight."),
            ("reject", f"{_HERE}.review:reject", "Reject the advice."),
            ("defer", f"{_HERE}.review:defer", "Decide later."),
            ("undo", f"{_HERE}.review:undo", "Take back the last decision."),
        ),
    ),
    "ledger": (
        DESK,
        "The append-only ledger.",
        (
            ("verify", f"{_HERE}.ledger:verify", "Check the chain, every run's archived inputs and the heads."),
            ("supersede", f"{_HERE}.ledger:supersede", "Free recorded sessions for another run; nothing is deleted."),
        ),
    ),
    "config": (
        DESK,
        "The settings.",
        (
            ("check", f"{_HERE}.config:check", "Check the settings file."),
            ("show", f"{_HERE}.config:show", "Every setting in force, secrets masked."),
            ("init", f"{_HERE}.config:init", "Write a settings file with comments."),
        ),
    ),
}
for _name, _target, _help, _part in _COMMANDS:
    app.command(_target, name=_name, help=_help, group=_part, help_epilogue="")
for _name, (_part, _help, _members) in _GROUPS.items():
    _group = App(name=_name, help=_help, group=_part, help_epilogue="")
    for _member, _target, _line in _members:
        _group.command(_target, name=_member, help=_line, help_epilogue="")
    app.command(_group)


app.register_install_completion_command(add_to_startup=False)


@app["regime"].default
def _regime(*, common: Common = Common()) -> int | None:
    from captilt.commands.regime import regime

    return regime(common=common)


@app["signals"].default
def _signals(
    name: Annotated[str | None, Parameter(help="One signal, such as credit_level.")] = None,
    *,
    xlsx: Annotated[Path | None, Parameter(help="Write every signal into this Excel workbook.")] = None,
    common: Common = Common(),
) -> int | None:
    from captilt.commands.signals import signals

    return signals(name, xlsx=xlsx, common=common)


@app["fomc"].default
def _fomc(*, common: Common = Common()) -> int | None:
    from captilt.commands.fomc import decisions

    return decisions(common=common)


@app["evidence"].default
def _evidence(*, common: Common = Common()) -> int | None:
    from captilt.commands.evidence import evidence

    return evidence(common=common)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with the exit code of docs/CONTRACT.md."""
    gc.set_threshold(COLLECT_EVERY)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")  # else pydantic reads every installed package's for one
    sys.dont_write_bytecode = True  # on a full disk Python leaves half a file, which fails every later start
    sys.exit(dispatch(arguments))


def dispatch(arguments: list[str] | None = None) -> int:
    """Run one command; a failure becomes one line (or one JSON object) and an exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    from signals.errors import CaptiltError, StorageError, UsageError

    os.umask(0o077)  # decisions, positions and keys are nobody else's business
    try:
        if sys.platform == "win32":
            raise UsageError(WINDOWS, remedy="Run it in WSL 2 (`wsl --install`), where it is tested as on Linux.")
        outcome = app(words, result_action="return_value", exit_on_error=False, print_error=False)
    except CycloptsError as wrong:
        from captilt.terminal.console import say_failure

        command = " ".join(("captilt", *(wrong.command_chain or ())))
        reason = " ".join(str(wrong).split())
        if isinstance(wrong, UnusedCliTokensError):
            reason = f"{command.removeprefix('captilt ')} does not take {' '.join(wrong.unused_tokens or ())}."
        say_failure(UsageError(reason, remedy=f"`{command} --help` lists what it takes."), as_json="--json" in words)
        return UsageError.exit_code
    except CaptiltError as fault:
        from captilt.terminal.console import say_failure

        say_failure(fault, as_json="--json" in words)
        return fault.exit_code
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - the interpreter closes it
        return 0
    except OSError as fault:  # a file or folder that cannot be read or written; never a bug of ours to trace
        from captilt.terminal.console import say_failure

        subject = f"{fault.filename}: " if fault.filename else ""
        refusal = StorageError(
            f"{subject}{fault.strerror or type(fault).__name__}.",
            remedy="Mend the permission, the name or the space there, and run again.",
        )
        say_failure(refusal, as_json="--json" in words)
        return refusal.exit_code
    return outcome if isinstance(outcome, int) else 0
