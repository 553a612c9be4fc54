"""What a recorded day was computed with: the settings of the judgement and the versions of the code."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.growing import code_of

if TYPE_CHECKING:
    from captilt.config.settings import Settings

SECTIONS = ("portfolio", "forecast", "tilt", "evidence", "regime")  # all that a recommendation depends on
PACKAGES = ("captilt", "numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "arch")  # what can move a last digit
SHOWN_DIGITS = 12
NUMPY_FOLDERS = {"numpy", "numpy.libs"}  # where its wheels bring a library of their own


def note(settings: "Settings") -> dict[str, Any]:
    """Settings and versions, for the manifest of the archived inputs; no secret is among these sections."""
    return {"settings": settings.model_dump(mode="json", include=set(SECTIONS)), "versions": versions(settings)}


def versions(settings: "Settings") -> dict[str, str]:
    """Versions of Python, of each package and own signal that computes, of our code and of the kernels here."""
    packages = {name: _version(name) for name in PACKAGES}
    own = {own_signal(signal.name): signal.origin for signal in settings.extensions.signals}
    return {
        "python": platform.python_version(),
        **packages,
        **own,
        "code": code_of("signals", "regime", "allocator", "captilt")[:SHOWN_DIGITS],
        "kernels": kernels(),
    }


def own_signal(name: str) -> str:
    """How a signal of the user's own is named among the versions."""
    return f"signal {name}"


def kernels() -> str:
    """The linear-algebra library of numpy with the processor family that it was built or chosen for.

    No number of a run comes from another one; where several packages share a library it is named once.
    """
    import numpy as np
    from threadpoolctl import threadpool_info

    np.linalg.inv(np.eye(2))  # loads the library, so that it is named whatever ran before
    loaded = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
    own = [lib for lib in loaded if NUMPY_FOLDERS & set(Path(lib["filepath"]).parts[-3:-1])]
    libraries = {
        f"{lib['internal_api']} {lib.get('version')} {lib.get('architecture', platform.machine())}"
        for lib in own or loaded
    }
    return ", ".join(sorted(libraries)) or platform.machine()


def settings_of(recorded: dict[str, Any], kind: "type[Settings]") -> "Settings":
    """The settings of a recorded day: its own judgement, defaults elsewhere, nothing from the environment."""
    from pydantic import TypeAdapter

    fields = kind.model_fields
    shapes: dict[str, Any] = {name: fields[name].annotation for name in SECTIONS}
    sections = {name: TypeAdapter(shape).validate_python(recorded[name]) for name, shape in shapes.items()}
    return kind.model_construct(**sections)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
