"""Real desks and a real receiver for the tests of faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.faults.outside import Receiver, Zygote

DAYS = ("2023-12-28", "2023-12-29")


@pytest.fixture(scope="session")
def zygote(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """Starts real desks on the real data of two days."""
    made = Zygote(imported, tmp_path_factory.mktemp("zygote"), DAYS)
    yield made
    made.close()


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    """A webhook on the loopback."""
    made = Receiver(httpserver.url_for("/services/T0/B0/canary-webhook-token"))

    def take(request: Request) -> Response:
        if made.answer == 200:
            made.bodies.append(request.get_json())
        return Response("ok" if made.answer == 200 else "no", status=made.answer)

    httpserver.expect_request("/services/T0/B0/canary-webhook-token").respond_with_handler(take)
    return made
