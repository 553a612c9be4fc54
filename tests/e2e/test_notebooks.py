"""The notebooks of the documentation run from top to bottom on the packaged sample, and are notebooks."""

from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docs" / "notebooks").glob("*.py"))
ENDS = {  # what each has found when it is done
    "1_first_look": lambda names: {"score", "probability", "tilt"} == set(names["panel"].columns.get_level_values(0)),
    "2_cme_fedwatch": lambda names: names["largest"] < 0.01,
    "3_your_own_signal": lambda names: names["found"].standing in {"weak", "supported"},
    "4_regime_models": lambda names: names["table"]["log score"].idxmax() != "climatology",
    "5_folklore": lambda names: len(names["claims"].rows) >= 10,
    "6_holdings_to_order": lambda names: all(trade.shares for trade in names["order"].trades),
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_notebook_runs_and_finds_what_it_says(file):
    cells = jupytext.read(file).cells
    names = {"__name__": "__main__"}

    for cell in cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, file.name, "exec"), names)

    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert ENDS[file.stem](names)


def test_every_notebook_is_in_the_site():
    nav = (ROOT / "mkdocs.yml").read_text()

    assert len(FILES) == 6
    assert all(f"notebooks/{file.name}" in nav for file in FILES)
