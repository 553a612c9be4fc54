"""Work with a deadline: whatever hangs inside, the caller goes on in time."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineExceeded(Exception):
    """The work did not end in time; it may still end later, in a thread that nobody waits for."""


def within(seconds: float, work: Callable[[], T], *, name: str = "bounded") -> T:
    """Do `work` in a daemon thread and wait for it at most so long.

    Parameters
    ----------
    seconds : float
    work : callable
        Closes its own connections; a thread that outlives its deadline holds nothing but those.
    name : str
        Of the thread.

    Raises
    ------
    DeadlineExceeded
    Exception
        Whatever `work` raised.
    """
    values: list[T] = []
    faults: list[BaseException] = []

    def act() -> None:
        try:
            values.append(work())
        except BaseException as fault:  # noqa: BLE001 - raised again in the caller's thread
            faults.append(fault)

    thread = threading.Thread(target=act, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not values:
        raise DeadlineExceeded(f"no end within {seconds:g} seconds")
    return values[0]
