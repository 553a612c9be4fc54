"""What the terminal shows is readable at any width."""

import pytest

from captilt.terminal.console import console


@pytest.mark.parametrize("width", range(24, 40))
def test_no_line_ends_between_a_number_and_its_unit_or_within_a_day(width):
    screen = console(width)

    with screen.capture() as shown:
        screen.print("The view is [bold]1.2 points[/] at 35 % since 29 Dec 2023, worth 17 bp.")

    lines = [line.rstrip() for line in shown.get().splitlines()]
    assert " ".join(lines) == "The view is 1.2 points at 35 % since 29 Dec 2023, worth 17 bp."
    for whole in ("1.2 points", "35 %", "29 Dec 2023", "17 bp"):
        assert any(whole in line for line in lines), (width, lines)
