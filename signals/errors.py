"""Every error the product raises on purpose, one class per remedy.

    CaptiltError            exit 1   a promise of ours is broken
    ├── UsageError          exit 2   a command, a date or a setting is wrong
    │   └── DateError       exit 2   not a session, in the future, or before the record starts
    ├── InputError          exit 2   a file or a price table cannot be used
    ├── SourceError         exit 3   a provider did not answer, or answered in a form unknown to us
    ├── NoAdvice            exit 3   the data allow no recommendation
    ├── StorageError        exit 3   the disk, or the server that stores, refuses
    ├── Busy                exit 4   another run holds the lock
    └── CheckFailed         exit 5   doctor, ledger verify, replay or config check found a fault

Messages never quote a URL or a header: keys live there.
"""


class CaptiltError(Exception):
    """Something the person can read and act on.

    Attributes
    ----------
    code : str
        Stable, machine-readable name of the fault.
    message : str
        What happened, with the values seen and what was left untouched.
    remedy : str
        What to do next.
    exit_code : int
        Exit status of the command line (see the class tree above).
    """

    exit_code = 1
    code = "internal"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(CaptiltError):
    """A command, a date or a setting is wrong."""

    exit_code = 2
    code = "usage"


class DateError(UsageError):
    """The day asked for has no session, lies in the future or before the record starts."""

    code = "bad_date"


class InputError(CaptiltError):
    """A file or a table of prices cannot be used as it is."""

    exit_code = 2
    code = "bad_input"


class SourceError(CaptiltError):
    """A provider did not answer, or answered in a form this version does not know."""

    exit_code = 3
    code = "source"


class NoAdvice(CaptiltError):
    """The data known at the moment allow no recommendation."""

    exit_code = 3
    code = "no_advice"


class StorageError(CaptiltError):
    """The disk refused: full, read-only or failing. What was committed before is untouched."""

    exit_code = 3
    code = "storage"


class Busy(CaptiltError):
    """Another run holds the lock."""

    exit_code = 4
    code = "busy"


class CheckFailed(CaptiltError):
    """A check that was asked for found a fault."""

    exit_code = 5
    code = "check_failed"
