"""Write an answer into a file that the user named."""

from pathlib import Path

from signals.errors import InputError


def write_output(file: Path, content: bytes | str) -> None:
    """Write a whole file or leave what stood there: the new one replaces the old one at the end.

    Parameters
    ----------
    file : Path
        Missing folders above it are made. A pipe or a device is written to as it is.
    content : bytes or str
        Text is written as UTF-8.

    Raises
    ------
    InputError
        Where the file cannot be written; what stood there is unchanged.
    """
    raw = content.encode() if isinstance(content, str) else content
    beside = file.with_name(f".{file.name}.part")
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(raw)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(raw)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as fault:
        raise InputError(
            f"{file} could not be written: {fault.strerror}; nothing was changed.",
            remedy="Name a path that you may write to.",
        ) from None
