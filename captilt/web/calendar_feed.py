"""The dates ahead as an iCalendar feed (RFC 5545): one all-day event each."""

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from captilt.contract.run import Run

LONGEST = 73  # octets of a content line, with the space that folds it


def feed(run: "Run") -> str:
    """Every date of a run's calendar that has not passed, as text of a calendar file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//captilt//dates ahead//EN", "METHOD:PUBLISH"]
    for event in run.calendar:
        if event.late:
            continue
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.date:%Y%m%d}-{_name(event.event)}@captilt",
            f"DTSTAMP:{run.cut.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{event.date:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.date + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(event.event)}",
            f"DESCRIPTION:{_text(event.effect)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "\r\n".join(_folded(line) for line in (*lines, "END:VCALENDAR")) + "\r\n"


def _name(event: str) -> str:
    return "".join(letter for letter in event.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def _text(value: str) -> str:
    for mark in ("\\", ";", ","):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Long lines continue after a space (the events are plain ASCII, so octets are letters)."""
    return "\r\n ".join(line[at : at + LONGEST] for at in range(0, len(line), LONGEST))
