"""Whatever is in the settings file: in order, or one line with the file, the key and the remedy."""

import random
from pathlib import Path

import pytest

from captilt.cli import dispatch
from tests.conftest import ROOT

WORDS = (
    "true",
    "nan",
    "-inf",
    "'x'",
    '""',
    "[]",
    "{}",
    "1e400",
    "0x_",
    "9" * 400,
    "1979-05-27",
    "'\\ud800'",
    "[[1]]",
    "🙂",
    "env:X",
)
CANARY = "fuzz-canary-0123456789"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("FRED_API_KEY", CANARY)


def mutated(text: str, draw: random.Random) -> bytes:  # noqa: C901 - one branch for each kind of mistake
    lines = text.splitlines()
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(lines))
        name = lines[place].split("=")[0].strip()
        act = draw.randrange(8)
        if act == 0:
            lines[place] = f"{name} = {draw.choice(WORDS)}"
        elif act == 1:
            lines[place] = lines[place].replace("=", draw.choice(["", "==", ":", "= ="]), 1)
        elif act == 2:
            lines.insert(place, f"{draw.choice(['unknown', name or 'x', '_env_file', 'a.b.c'])} = 1")
        elif act == 3:
            lines.insert(place, draw.choice(["[", "[[tilt]]", "[tilt.cost_bp]", "[nowhere]", "[tilt]", "[]"]))
        elif act == 4:
            del lines[place]
        elif act == 5:
            lines[place] = lines[place][::-1]
        elif act == 6:
            at = draw.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:at] + chr(draw.randrange(1, 0x250)) + lines[place][at:]
        else:
            lines[place] = lines[place] + " " + draw.choice(WORDS)
    image = "\n".join(lines).encode("utf-8", "surrogatepass")
    if draw.random() < 0.1:
        image = b"\xef\xbb\xbf" + image
    if draw.random() < 0.1:
        image = bytearray(image)
        image[draw.randrange(len(image))] = draw.randrange(256)
    return bytes(image)


@pytest.mark.parametrize("seed", range(5))
def test_a_mutated_file_is_in_order_or_one_line(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(seed)
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    file, codes = tmp_path / "mutated.toml", []
    for trial in range(100):
        file.write_bytes(mutated(text, draw))

        codes.append(dispatch(["config", "show", "--config", str(file)]))

        said = capsys.readouterr().err
        if codes[-1]:
            where = f"seed {seed}, trial {trial}: {said}"
            assert codes[-1] == 2, where
            assert len(said.strip().splitlines()) == 1, where
            assert "mutated.toml" in said, where
            assert "Traceback" not in said, where
            assert CANARY not in said, where
    assert {0, 2} == set(codes)
