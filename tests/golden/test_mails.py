"""Whole mails of three days that once contradicted themselves, as they are sent today.

`python -m tests.golden.test_mails HOME` writes them anew from a home with the imported data.
"""

import datetime as dt
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from captilt.alerts.compose import compose
from captilt.channels.plain_text import plain_text
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.run.evaluate import study
from signals.calendars import cut

MAILS = Path(__file__).with_name("mails")
DAYS = {"2020-03-16": 0.20, "2022-06-02": 0.20, "2022-07-05": 0.173}  # and the weight held, 0 to 1
RUN_ID = re.compile(r"run [0-9a-f]{12}")


def mail_of(home: Path, day: str) -> str:
    """The introduction that a person would get on `day`, without the number of the run."""
    evening = cut(dt.date.fromisoformat(day))
    settings = Settings.model_validate({"portfolio": {"held_weight": DAYS[day]}})
    run = study(Desk(settings, home, clock=lambda: evening + dt.timedelta(hours=1)), evening)
    message = compose("introduction", run, review_url="https://desk.example.org")
    return RUN_ID.sub("run ID", f"{message.subject}\n\n{plain_text(message)}")


@pytest.mark.slow
@pytest.mark.real_data
def test_the_mails_are_those_that_were_read_and_found_right(fill_home: Callable[[Path], None], tmp_path: Path) -> None:
    fill_home(tmp_path)

    for day in DAYS:
        assert mail_of(tmp_path, day) == (MAILS / f"{day}.txt").read_text(encoding="utf-8"), day


@pytest.mark.parametrize("day", DAYS)
def test_a_mail_advises_one_thing(day: str) -> None:
    mail = (MAILS / f"{day}.txt").read_text(encoding="utf-8")
    subject, actions = mail.splitlines()[0], re.findall(r"(Buy|Sell|Do nothing)\b", mail)

    assert len(set(actions)) == 1
    trades = actions[0] != "Do nothing"
    assert trades == any(word in subject for word in (", buy", ", sell"))
    assert trades != bool(re.search(r"not worth|too small|used up|within the no-trade band", mail))
    assert not (trades and "Neutral" in subject)


if __name__ == "__main__":
    for one in DAYS:
        (MAILS / f"{one}.txt").write_text(mail_of(Path(sys.argv[1]), one), encoding="utf-8")
