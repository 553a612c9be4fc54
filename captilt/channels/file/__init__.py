"""A file, or the standard output: for a log collector, a terminal, or a first look without any account."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from captilt.channels.channel import Channel, ChannelKind, Clock, Problem
from captilt.section import Section

if TYPE_CHECKING:
    from captilt.channels.message import Message


class FileSettings(Section):
    """``[alerts.file]``."""

    enabled: bool = False
    path: str = "-"  # "-" is the standard output
    format: Literal["text", "json"] = "text"


def _open(settings: FileSettings, _clock: Clock) -> Channel:
    from captilt.channels.file.transport import File

    return File(settings.path, settings.format)


def _check(settings: FileSettings) -> str:
    from captilt.channels.file.transport import write_fault

    return write_fault(settings.path)


def _problems(settings: FileSettings) -> Iterator[Problem]:
    if settings.path != "-" and not Path(settings.path).expanduser().parent.is_dir():
        yield Problem("path", "the folder of the file does not exist", "Make the folder, or name another file.")


def _preview(message: "Message", settings: FileSettings, _now: dt.datetime) -> Mapping[str, bytes]:
    from captilt.channels.file.transport import render

    return {f"file.{'json' if settings.format == 'json' else 'txt'}": render(message, settings.format).encode()}


CHANNEL = ChannelKind("file", FileSettings, _open, _check, _problems, _preview)
