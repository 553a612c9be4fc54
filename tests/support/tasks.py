"""Tasks that workers of any engine can import by name."""

import os
import signal
from pathlib import Path

import numpy as np

from signals.errors import CheckFailed


def draw(seed: int) -> bytes:
    """A few random numbers of a seed."""
    return np.random.default_rng(seed).normal(size=64).tobytes()


def draw_and_note(seed: int, folder: str) -> bytes:
    """`draw`, with a line for every time that it was computed."""
    with (Path(folder) / str(seed)).open("a") as file:
        file.write("computed\n")
    return draw(seed)


def draw_or_die_once(seed: int, folder: str, fatal: int) -> bytes:
    """`draw_and_note`, but the worker that first meets the `fatal` seed is killed."""
    place = Path(folder) / "died"
    if seed == fatal and not place.exists():
        place.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return draw_and_note(seed, folder)


def draw_or_refuse(seed: int, folder: str, wrong: int) -> bytes:
    """`draw_and_note`, but one seed is refused."""
    result = draw_and_note(seed, folder)
    if seed == wrong:
        raise CheckFailed(f"seed {seed} is wrong.", remedy="Leave it out.")
    return result
