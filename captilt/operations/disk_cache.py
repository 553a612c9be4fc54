"""Results of heavy, pure work on disk, each under a key that names its inputs.

Deleting the folder costs time and nothing else. A file is written whole or not at all; a damaged one, or one that was
written under another key, counts as absent.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path

KEPT = 200  # files; the oldest go first
SEAL = 32  # bytes of the SHA-256 of key and content in front of the content


class FolderCache(MutableMapping[str, bytes]):
    """A mapping from keys to bytes, kept in a folder.

    Parameters
    ----------
    folder : pathlib.Path
    keep : int
        Files; beyond that the oldest go first.
    """

    def __init__(self, folder: Path, *, keep: int = KEPT) -> None:
        self._folder = folder
        self._keep = keep

    def _path(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode()).hexdigest()

    def __getitem__(self, key: str) -> bytes:
        try:
            whole = self._path(key).read_bytes()
        except OSError:
            raise KeyError(key) from None
        seal, content = whole[:SEAL], whole[SEAL:]
        if _seal(key, content) != seal:
            raise KeyError(key)
        return content

    def __setitem__(self, key: str, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_seal(key, content) + content)
                Path(name).replace(self._path(key))
            finally:
                Path(name).unlink(missing_ok=True)
            self._prune()
        except OSError:
            return  # a full disk must not stop the day: the work is only done again

    def __delitem__(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[str]:
        return iter(())  # keys are hashed away; nobody lists them

    def __len__(self) -> int:
        return len(self._files()) if self._folder.is_dir() else 0

    def _prune(self) -> None:
        if len(os.listdir(self._folder)) <= self._keep:  # noqa: PTH208 - once a result, among a hundred thousand
            return
        for _, file in sorted(self._files())[: -self._keep]:
            Path(file).unlink(missing_ok=True)

    def _files(self) -> list[tuple[float, str]]:
        """When each file was written, and its path; other caches in folders inside are none of them."""
        files = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another process may remove it meanwhile
                    if entry.is_file(follow_symlinks=False):
                        files.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
        return files


def _seal(key: str, content: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(key.encode()).digest() + content).digest()
