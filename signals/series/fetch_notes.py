"""Notes on fetches, as facts: what a provider failed to deliver, what was refused, what is disputed.

A note is the series ``note:KIND:SERIES``; `signals.sources.notes` writes them, every view can read them.

refused       rows put in quarantine
contradicted  percent by which a value disagrees with an unrevised series
disputed      the same above one percent
down          1 where the provider did not deliver the series, 0 when it does again
"""

from signals.asof import AsOf
from signals.calendars import day_of, session_count
from signals.signal import Gap

NOTE = "note:"
KINDS = ("disputed", "down", "refused", "contradicted")
FRESH_SESSIONS = 5  # a note older than a week of trading says nothing about today
_SAID = {
    "disputed": ("contradiction", "its providers disagree by {size:.2g} %; the value stored first stays"),
    "contradicted": ("contradiction", "a value that is never revised came back different by {size:.2g} %"),
    "refused": ("contradiction", "{size:.0f} rows of the last fetch broke the series' contract and were not stored"),
    "down": ("missing", "its provider did not deliver it at the last fetch"),
}


def note_series(kind: str, series: str) -> str:
    """The id of a note."""
    return f"{NOTE}{kind}:{series}"


def notes_on(series: str) -> tuple[str, ...]:
    """The ids of all notes that may speak of `series`; a price is fetched as a whole."""
    names = dict.fromkeys((series, ":".join(series.split(":")[:2])))
    return tuple(note_series(kind, name) for kind in KINDS for name in names)


def troubles(view: AsOf, series: str) -> tuple[Gap, ...]:
    """What the last fetches before the view's moment say against `series`; empty where nothing.

    The view must be allowed to see the notes: a whole view, not one narrowed to a signal's inputs.
    """
    gaps = []
    today = day_of(view.moment)
    for kind in KINDS:
        for name in dict.fromkeys((series, ":".join(series.split(":")[:2]))):  # a price is fetched as a whole
            note = view.latest(note_series(kind, name))
            if note.period.size and note.value[-1] > 0:
                code, sentence = _SAID[kind]
                age = session_count(note.period[-1].item(), today)
                if age <= FRESH_SESSIONS:
                    gaps.append(Gap(series, f"{series}: {sentence.format(size=note.value[-1])}.", code, series))
                    break
    return tuple(gaps)
