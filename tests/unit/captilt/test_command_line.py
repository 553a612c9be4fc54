"""A slip on the command line is answered in one line that names it."""

import pytest

from captilt.cli import dispatch


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("vehicle AVUV", "captilt: vehicle does not take AVUV. `captilt vehicle --help` lists what it takes."),
        ("run --bogus 3", "captilt: Unknown option: --bogus. `captilt run --help` lists what it takes."),
        ("review fantasy", 'captilt: Unknown command "fantasy".'),
    ],
)
def test_a_slip_is_named_with_the_help_that_shows_the_way(words, line, capsys):
    assert dispatch(words.split()) == 2
    answer = capsys.readouterr().err

    assert answer.startswith(line)
    assert answer.count("\n") == 1
