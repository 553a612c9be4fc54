"""A pager that prints the subject of every alert into a file."""

from pathlib import Path

from captilt.channels.channel import ChannelKind, Receipt
from captilt.section import Section


class PagerSettings(Section):
    """``[alerts.acme_pager]``."""

    enabled: bool = False
    file: str = ""


class Pager:
    """See `captilt.channels.channel.Channel`."""

    name, receivers, deadline_seconds = "acme_pager", ("everybody",), 5.0

    def __init__(self, file):
        self._file = Path(file)

    def send(self, message, _receivers, /, **_marks):
        with self._file.open("a", encoding="utf-8") as pages:
            pages.write(f"{message.subject}\n")
        return Receipt("sent", "paged")


CHANNEL = ChannelKind(
    name="acme_pager",
    settings=PagerSettings,
    open=lambda settings, _clock: Pager(settings.file),
    check=lambda _settings: "",
    problems=lambda _settings: iter(()),
    preview=lambda message, _settings, _now: {"page.txt": message.subject.encode()},
)
