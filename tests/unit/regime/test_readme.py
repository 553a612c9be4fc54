"""The model in the README is whole: it runs, and the walk accepts it."""

import datetime as dt
import re
import sys
import types
from pathlib import Path

import numpy as np

import regime
from regime.walk_forward import walk
from signals.calendars import cut
from tests.support.cycles import policy_only

README = Path(regime.__file__).with_name("README.md")


def test_the_model_of_the_readme_walks_forward(monkeypatch):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL).group(1)
    module = types.ModuleType("mirror")
    monkeypatch.setitem(sys.modules, "mirror", module)
    exec(compile(code, "mirror.py", "exec"), module.__dict__)

    said = walk(policy_only(dt.date(2004, 3, 31)), [cut(dt.date(2004, 2, 27))], module.MODEL)

    assert said.shape == (1, 4)
    assert np.isclose(said.sum(), 1)
