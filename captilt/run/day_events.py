"""What became known since the cut before: decisions and the releases that move this engine."""

import datetime as dt

import numpy as np

from signals.asof import AsOf
from signals.calendars import cut, day_of, meetings_known, previous_session
from signals.derived.policy_rate import target_path, undecided_meetings

RELEASES = {
    "fred:UNRATE": ("unemployment", "{:.1f} %"),
    "fred:CPIAUCSL": ("consumer prices", "index {:.1f}"),
    "fred:PAYEMS": ("payrolls", "{:,.0f} thousand"),
    "fred:DRTSCILM": ("bank lending standards", "net {:+.1f} %"),
}


def since_last_cut(view: AsOf) -> tuple[str, ...]:
    """Sentences, the decision first; empty on a day without either."""
    before = cut(previous_session(day_of(view.moment)))
    return (*_decisions(view, before), *_releases(view, before))


def _decisions(view: AsOf, before: dt.datetime) -> list[str]:
    met = [m for m in meetings_known(view.moment) if before < m.announced <= view.moment]
    if not met:
        return []
    if met[-1] in undecided_meetings(view):
        return [f"the FOMC decided on {met[-1].date}; the decision is not known yet"]
    days, target = target_path(view)
    day = np.datetime64(met[-1].date, "D")
    row = int(np.searchsorted(days, day, side="right")) - 1
    if row > 0 and days[row] == day:
        move = 100 * (target[row] - target[row - 1])
        verb = "raised" if move > 0 else "cut"
        return [f"the FOMC {verb} the target by {abs(move):.0f} bp to {target[row]:.2f} %"]
    return [f"the FOMC left the target at {target[row]:.2f} %"]


def _releases(view: AsOf, before: dt.datetime) -> list[str]:
    sentences = []
    for series, (name, form) in RELEASES.items():
        learned = view.known_at(series)
        if learned is not None and learned > before:
            latest = view.latest(series)
            sentences.append(f"{name} of {latest.period[-1].astype('datetime64[M]')}: {form.format(latest.value[-1])}")
    return sentences
