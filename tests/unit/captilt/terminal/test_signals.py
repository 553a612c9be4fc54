import datetime as dt
import io
import json

import pytest
from rich.console import Console

from captilt.charts.signals import score_history, seasonal_decay
from captilt.contract.signals import ScoreOn, signal_answer, signals_answer
from captilt.terminal.console import as_json
from captilt.terminal.signals import arrow, drawn, paragraphs, signal_screen, signals_screen, sparkline
from signals.asof import AsOf
from signals.catalog import BY_NAME, SIGNALS
from tests.support import worlds

DAY = dt.date(2019, 6, 28)


@pytest.fixture(scope="module")
def view() -> AsOf:
    names = [name for signal in SIGNALS for name in signal.inputs if not name.startswith(("cme:", "edgar:"))]
    return worlds.view(worlds.world(names), DAY)


def shown(parts: object, width: int = 120) -> str:
    page = io.StringIO()
    console = Console(file=page, width=width)
    for part in parts:  # type: ignore[attr-defined]
        console.print(part)
    return page.getvalue()


def test_every_signal_has_a_row_with_score_arrow_age_and_health(view: AsOf) -> None:
    answer = signals_answer(view, {"credit_level": -1.25})

    text = shown(signals_screen(answer, 120))

    assert [row.name for row in answer.rows] == [signal.name for signal in SIGNALS]
    assert "confidence 1.00" in text
    line = next(line for line in text.splitlines() if line.strip().startswith("credit_level"))
    assert "−1.2" in line
    assert "0 d" in line
    assert any(mark in line for mark in "↑↓→")


def test_the_table_fits_eighty_columns(view: AsOf) -> None:
    text = shown(signals_screen(signals_answer(view, {}), 80), width=80)

    assert all(len(line) <= 80 for line in text.splitlines())
    assert all(signal.name in text for signal in SIGNALS)


def test_a_silent_signal_says_so_and_json_has_nulls(view: AsOf) -> None:
    payload = json.loads(as_json(signals_answer(worlds.view({}, DAY), {})))

    silent = next(each for each in payload["rows"] if each["name"] == "credit_level")
    assert (silent["score"], silent["raw"], silent["status"]) == (None, None, "missing")
    assert "fred:BAA10Y" in silent["note"]
    assert payload["data"]["status"] == "HOLD"


def test_one_signal_up_close_has_its_argument_its_past_and_its_inputs(view: AsOf) -> None:
    answer = signal_answer(view, BY_NAME["credit_level"], {}, None)

    text = shown(signal_screen(answer, 100))

    assert "Gilchrist" in text
    assert "month-end scores" in text
    assert "fred:BAA10Y: to 27 Jun 2019, one session ago" in text
    assert [row.series for row in answer.inputs] == list(BY_NAME["credit_level"].inputs)
    json.loads(as_json(answer))


def test_a_seasonal_signal_shows_its_family_and_its_decay(view: AsOf) -> None:
    answer = signal_answer(view, BY_NAME["january"], {}, None)

    assert any("Holm" in line for line in answer.detail)
    assert any("1980-1999" in line or "1979-1998" in line for line in answer.detail)


def test_an_expired_dated_fact_is_warned_of_but_not_in_the_daily_list(view: AsOf) -> None:
    late = AsOf(dt.datetime(2026, 11, 20, 23, tzinfo=dt.UTC), {})
    answer = signals_answer(late, {})

    assert any("look it up again" in fact.warning for fact in answer.dated_facts)
    assert "look it up again" not in shown(signals_screen(answer, 100))


def test_a_sparkline_has_a_dot_for_a_gap_and_eight_heights() -> None:
    assert sparkline([-3.0, 0.0, float("nan"), 3.0]) == "▁▅·█"


def test_a_docstring_is_wrapped_by_the_terminal_and_its_references_are_not_joined() -> None:
    text = "One\ntwo.\n\nReferences\n----------\nA (1).\nB (2)."

    assert list(paragraphs(text)) == ["One two.", "", "References\n----------\nA (1).\nB (2).", ""]


def test_arrows_need_a_tenth_of_a_standard_deviation() -> None:
    assert [arrow(change) for change in (0.2, -0.2, 0.05, None)] == ["↑", "↓", "→", ""]


def test_the_drawn_past_puts_high_scores_above_low_ones() -> None:
    history = [ScoreOn(date=dt.date(2000 + year, 1, 31), score=score) for year, score in enumerate((-3.0, 0.0, 3.0))]

    lines = list(drawn(history, 60))

    assert lines[0].endswith("•")
    assert lines[8][6] == "•"


def test_pictures_are_svg_with_a_text_alternative() -> None:
    history = [ScoreOn(date=dt.date(2000, 1, 31), score=float("nan"))] + [
        ScoreOn(date=dt.date(2000 + year, 1, 31), score=year / 10 - 1) for year in range(1, 20)
    ]

    picture = score_history("credit_level", history)

    assert picture.startswith("<svg")
    assert "+0.90 on 31 Jan 2019" in picture
    assert "Decay of january" in seasonal_decay("january", ((1970, 1989, 20, 2.0, 0.5), (1990, 2009, 20, 0.1, 0.5)))
    assert score_history("silent", [ScoreOn(date=dt.date(2000, 1, 31), score=None)]) == ""
