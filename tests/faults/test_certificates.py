"""A server whose certificate nobody vouches for: the certificate is named, and nothing is stored."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from signals.sources.refresh import refresh
from signals.store.store import Store
from tests.faults.test_fred_faults import NOW, Settings, Sources
from tests.support.servers.http import Answer, serving

pytestmark = pytest.mark.attempts(1)


def untrusted() -> ssl.SSLContext:
    """What a server presents whose authority is on no list."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(made)
    return made


@pytest.mark.parametrize(
    ("provider", "wanted"),
    [("fredgraph", "fred:DGS10"), ("yahoo", "yahoo:IWM"), ("french", "french:FF3_MONTHLY"), ("board", "board:FOMC")],
)
def test_an_untrusted_certificate_is_named(provider: str, wanted: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "facts.db")
    off = Settings("", enabled=False)
    with serving(lambda *_: Answer(b"never read"), untrusted()) as line:
        own = Settings(line.url, timeout_seconds=5.0, budget_seconds=10.0)
        sources = replace(Sources(off, off, off, off, off, mode="keyless"), **{provider: own})
        report = refresh(store, sources, NOW, wanted=[wanted])

    assert "certificate" in " ".join(report.notices), report.notices
    assert line.asked == []
    assert [name for name in store.names() if not name.startswith("note:")] == []
    store.close()
