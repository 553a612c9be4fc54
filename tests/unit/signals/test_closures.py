"""The shipped table of closures is what the installed libraries say."""

import subprocess
import sys

import numpy as np

from signals import closures


def test_the_shipped_table_is_what_the_libraries_say() -> None:
    shipped, computed = closures._shipped(), closures.computed()

    assert closures.as_csv(shipped) == closures.as_csv(computed), (
        "python -m signals.closures > signals/facts/closures.csv"
    )


def test_sessions_since_1970_are_those_of_the_exchange_calendar() -> None:
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start="1970-01-01", end="2036-12-31")

    sessions = closures.closures().sessions()

    expected = calendar.sessions.to_numpy().astype("datetime64[D]")
    np.testing.assert_array_equal(sessions[sessions >= np.datetime64("1970-01-01")], expected)


def test_another_version_of_the_library_is_asked_again() -> None:
    assert "exchange_calendars" not in _modules_after("closures_by(closures_by('').version)")
    assert "exchange_calendars" in _modules_after("closures_by('99.0')")


def _modules_after(call: str) -> set[str]:
    """Modules that a fresh process has imported after a call of `signals.closures`."""
    script = f"import sys; from signals.closures import closures_by; {call}; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout.split()
    )
