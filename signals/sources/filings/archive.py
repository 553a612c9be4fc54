"""A quarterly archive of the SEC's Financial Statement Data Sets, checked before anything is read from it.

An archive ``2009q3.zip`` holds tab-separated tables with a heading in lower case: ``sub.txt`` (submissions),
``num.txt`` (numbers), ``tag.txt`` and ``pre.txt``. 2009q1 has headings only. Archives published before December 2024
have no column ``segments``. A line is never quoted.
"""

import re
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signals.errors import UsageError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sub.txt": ("adsh", "cik", "name", "sic", "fye", "form", "period", "fy", "fp", "filed", "accepted", "instance"),
    "num.txt": ("adsh", "tag", "version", "coreg", "ddate", "qtrs", "uom", "value"),
    "tag.txt": ("tag", "version", "custom", "iord"),
    "pre.txt": ("adsh", "report", "line", "stmt", "tag", "version"),
}
READ = ("sub.txt", "num.txt")
LARGEST_MEMBER = 4 * 1024**3  # bytes unpacked; the largest real num.txt has 0.5 GB
LARGEST_RATIO = 200  # unpacked over packed; real ones reach 12
LONGEST_HEADING = 4096  # bytes
CHUNK = 1 << 20
HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter of filing.

    Attributes
    ----------
    year, number : int
        `number` from 1 to 4.
    """

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}q{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """The quarter behind ``2009q3``.

        Raises
        ------
        UsageError
        """
        match = re.fullmatch(r"(20\d\d)q([1-4])", text.lower())
        if not match:
            raise UsageError(f"{text!r} is not a quarter.", remedy="Name it like 2023q4.")
        return cls(int(match[1]), int(match[2]))

    def next(self) -> "Quarter":
        """The quarter after."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def months(self) -> tuple[str, str]:
        """First and last month as YYYYMM, to be compared with filing days."""
        return f"{self.year}{3 * self.number - 2:02d}", f"{self.year}{3 * self.number:02d}"


class ArchiveFault(ValueError):
    """An archive that is not used.

    Attributes
    ----------
    rule : str
        Identifier, for example ``archive.damaged``.
    reason : str
        One sentence.
    """

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule, self.reason = rule, reason


def unpack(path: Path, folder: Path) -> dict[str, Path]:
    """Write the tables that are read into `folder`, after every check that needs no parsing.

    Raises
    ------
    ArchiveFault
    """
    _check_head(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            for name, info in members.items():
                _check_heading(archive, info, name)
            return {name: _extract(archive, members[name], folder / name) for name in READ}
    except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise ArchiveFault("archive.damaged", f"the zip file is damaged or cut off ({fault})") from None
    except (OSError, RuntimeError, NotImplementedError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        raise ArchiveFault("archive.unreadable", f"the zip file cannot be read ({type(fault).__name__})") from None


def _check_head(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).lstrip()
    if not head:
        raise ArchiveFault("archive.empty", "the answer is empty")
    if head[:1] == b"<":
        raise ArchiveFault("archive.block_page", "the answer is a web page, not an archive: the SEC refuses this user")
    if not head.startswith(b"PK"):
        raise ArchiveFault("archive.not_zip", "the answer is no zip file")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members = {info.filename: info for info in archive.infolist() if info.filename in COLUMNS}
    if absent := sorted(set(COLUMNS) - set(members)):
        raise ArchiveFault("archive.missing_member", f"the archive has no {', '.join(absent)}")
    for name, info in members.items():
        if info.flag_bits & 1:
            raise ArchiveFault("archive.encrypted", f"{name} is encrypted")
        if info.file_size > LARGEST_MEMBER or info.file_size > LARGEST_RATIO * max(info.compress_size, CHUNK):
            raise ArchiveFault("archive.too_large", f"{name} unpacks to {info.file_size / 2**30:.1f} GB")
    return members


def _check_heading(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    with archive.open(info) as file:
        heading = file.readline(LONGEST_HEADING).decode("utf-8", "replace").rstrip("\r\n").split("\t")
    if absent := [column for column in COLUMNS[name] if column not in heading]:
        raise ArchiveFault("archive.columns", f"{name} has no column {', '.join(absent)}")
    if len(set(heading)) < len(heading):
        raise ArchiveFault("archive.columns", f"{name} names a column twice")


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> Path:
    """Copy one member; reading it to its end checks its CRC."""
    with archive.open(info) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
    return target
