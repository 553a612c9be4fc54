"""The folder of filings: Parquet files, one of each kind a quarter, and a manifest with their checksums.

Every file is written beside its place and moved there whole, the manifest last, so that a kill or a full disk leaves
the state before. A file whose checksum differs from the manifest is not read.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.errors import InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

MEMORY, THREADS = "1200MB", 2
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One Parquet file.

    Attributes
    ----------
    sha256 : str
    rows : int
    source_sha256 : str
        Of what it was made from, as it came from the SEC.
    fetched_at : str
        ISO 8601.
    """

    sha256: str
    rows: int
    source_sha256: str = ""
    fetched_at: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was not used, and why.

    Attributes
    ----------
    file : str
        Archive or table.
    where : str
        Accession number or line; empty for the file as a whole.
    value : str
    rule, reason : str
    """

    file: str
    where: str
    value: str
    rule: str
    reason: str


@dataclass
class Manifest:
    """What the folder holds.

    Attributes
    ----------
    files : dict of str to FileEntry
        By path below the folder.
    refusals : dict of str to list of Refusal
        By archive; replaced when the archive is read again.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    refusals: dict[str, list[Refusal]] = field(default_factory=dict)


class FilingsFolder:
    """The state of this room.

    Parameters
    ----------
    root : Path
        Made when something is first written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def staging(self) -> Path:
        """Where unfinished files lie."""
        return self.root / "staging"

    def manifest(self) -> Manifest:
        """What is held; empty before the first fetch.

        Raises
        ------
        InputError
            Where the file cannot be read.
        """
        path = self.root / "manifest.json"
        if not path.exists():
            return Manifest()
        try:
            text = json.loads(path.read_text(encoding="utf-8"))
            return Manifest(
                {name: FileEntry(**entry) for name, entry in text["files"].items()},
                {name: [Refusal(**row) for row in rows] for name, rows in text["refusals"].items()},
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InputError(
                f"{path} is damaged, so no company filing is used.",
                remedy="Delete it and run `captilt filings fetch`; archives are fetched again.",
                code="filings_manifest",
            ) from None

    def save(self, manifest: Manifest) -> None:
        """Replace the manifest whole."""
        text = {
            "files": {name: asdict(entry) for name, entry in sorted(manifest.files.items())},
            "refusals": {name: [asdict(row) for row in rows] for name, rows in sorted(manifest.refusals.items())},
        }
        self.root.mkdir(parents=True, exist_ok=True)
        write_whole(self.root / "manifest.json", json.dumps(text, indent=1).encode())

    @contextmanager
    def writing(self) -> "Iterator[None]":
        """Clear what a fetch left unfinished, before and after it, and say what a disk that refuses leaves.

        Raises
        ------
        StorageError
        """
        import duckdb

        try:
            self.staging.mkdir(parents=True, exist_ok=True)
            self._clear()  # what a killed fetch had unpacked may be what fills the disk
            yield
        except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as fault:
            reason = getattr(fault, "strerror", None) or str(fault).splitlines()[0]
            raise StorageError(
                f"{self.root} cannot be written ({reason}), so the fetch of filings stopped. Every quarter that was "
                "finished before is whole.",
                remedy="Make room there and run `captilt filings fetch` again; it goes on from there.",
            ) from fault
        finally:
            with suppress(OSError):
                self._clear()

    def _clear(self) -> None:
        """Delete unfinished files, but for archives that came and what there is of one that broke off."""
        for path in self.staging.glob("*"):
            begun = path.name.endswith(".zip.part.json") and path.with_name(path.name.removesuffix(".json")).exists()
            if path.is_file() and not begun and not path.name.endswith((".zip", ".zip.part")):
                path.unlink()

    def names(self, kind: str, manifest: Manifest) -> tuple[str, ...]:
        """Names below `kind` (``numbers``) that the manifest lists, ascending."""
        start = f"{kind}/"
        return tuple(
            name.removeprefix(start).removesuffix(".parquet")
            for name in sorted(manifest.files)
            if name.startswith(start)
        )

    def path(self, kind: str, name: str) -> Path:
        """Where a table lies."""
        return self.root / kind / f"{name}.parquet"

    def adopt(self, kind: str, name: str, part: Path, *, rows: int, source: str = "", at: str = "") -> FileEntry:
        """Move a finished file to its place; its entry belongs into the manifest."""
        target = self.path(kind, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        entry = FileEntry(sha256_of(part), rows, source, at)
        _sync(part)
        part.replace(target)
        return entry

    def damaged(self, manifest: Manifest) -> tuple[str, ...]:
        """Files that are missing or differ from their checksum."""
        return tuple(
            name
            for name, entry in sorted(manifest.files.items())
            if not (path := self.root / f"{name}.parquet").exists() or sha256_of(path) != entry.sha256
        )


def sha256_of(path: Path) -> str:
    """Checksum of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by `content`, whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def database(scratch: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """A DuckDB of its own with bounded memory that spills into `scratch`; no extension is loaded."""
    import duckdb

    scratch.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "threads": THREADS,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(config=settings) as connection:
        connection.execute("SET enable_progress_bar = false")
        yield connection


def quoted(paths: Iterable[Path]) -> str:
    """Paths as an SQL list of strings."""
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def write_table(path: Path, columns: Mapping[str, Any]) -> int:
    """Write columns of equal length as Parquet; the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(dict(columns))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
    return table.num_rows
