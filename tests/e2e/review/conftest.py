"""A desk with recorded days, a real server around it, and a real browser in front of it."""

import datetime as dt
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn

from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.web.app import build
from signals.calendars import cut, sessions_between
from tests.conftest import missing
from tests.e2e.sample_run import DAY, a_run

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST = dt.date(2023, 12, 1)


class Clock:
    """A clock that a test can set."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        return self.moment


def desk_at(home, moment, **review):
    """A desk whose clock stands at `moment`."""
    settings = Settings()
    if review:
        settings = settings.model_copy(update={"review": settings.review.model_copy(update=review)})
    return Desk(settings, home, clock=Clock(moment))


def record(desk, day, **changes):
    """Write the run of `day` into the book, five minutes after its cut."""
    desk.clock.moment = cut(day) + dt.timedelta(minutes=5)
    entry = desk.ledger.append("run", day, a_run(day, **changes), at=desk.clock())
    desk.clock.moment += dt.timedelta(minutes=5)
    return entry


@contextmanager
def serving(desk, **options) -> Iterator[str]:
    """The page of `desk` on a free port of this machine."""
    config = uvicorn.Config(
        build(desk), host="127.0.0.1", port=0, log_level="error", access_log=False, ws="none", lifespan="off", **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def desk(tmp_path):
    """December 2023 recorded, nothing decided."""
    made = desk_at(tmp_path, cut(FIRST))
    for day in sessions_between(FIRST, DAY)[-4:]:
        record(made, day.item())
    return made


@pytest.fixture
def site(desk):
    """The address of the served desk."""
    with serving(desk) as address:
        yield address


@pytest.fixture
def web(site):
    """A client that keeps cookies and follows nothing by itself."""
    with httpx2.Client(base_url=site) as client:
        yield client


@pytest.fixture(scope="session")
def chromium():
    """A real browser; missing is loud."""
    if not CHROMIUM.is_file():
        missing("Debian's chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open a page with options of the browser; scripts that break, and dialogs, fail the test."""
    contexts, faults = [], []

    def opened(address, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(address)
        page.faults = faults
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def real_home(fill_home, tmp_path_factory):
    """Three real runs on the real data, the last on 2023-12-29, the first accepted; made once, copied by tests."""
    from captilt.review.decisions import Answer, current, decide
    from captilt.run import daily

    home = tmp_path_factory.mktemp("real")
    fill_home(home)
    desk = desk_at(home, cut(DAY))
    for day in (dt.date(2023, 8, 31), dt.date(2023, 9, 14), DAY):
        desk.clock.moment = cut(day) + dt.timedelta(minutes=15)
        daily.run(desk, offline=True)
        if day.month == 8:
            advice = current(desk.ledger, desk.clock(), 5)
            decide(desk, Answer("accept", advice.code, "Ana Weber", "Agreed in the committee."))
    return home


@pytest.fixture
def real_site(real_home, tmp_path):
    """The served real runs, free to be written to."""
    for file in real_home.iterdir():
        if file.name.startswith("ledger"):
            shutil.copy(file, tmp_path / file.name)
    made = desk_at(tmp_path, cut(DAY) + dt.timedelta(minutes=30))
    with serving(made) as address:
        yield address, made
