"""What a channel promises: to send one message in bounded time and to say honestly how it went.

A channel is one folder beside this file: its settings, its transport, its templates and its tests. The
folder's package names a `ChannelKind`; one line in `registry` switches it into settings, outbox, doctor
and preview.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from captilt.section import Section

if TYPE_CHECKING:
    from captilt.channels.message import Message

Outcome = Literal["sent", "transient", "permanent"]
Clock = Callable[[], dt.datetime]
EVERYBODY: Mapping[str, Outcome] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one attempt went.

    Attributes
    ----------
    outcome : str
        ``sent``; ``transient`` (try again); ``permanent`` (this message will never pass here). With
        several receivers: ``transient`` while one of them is, else ``sent`` if one took it.
    detail : str
        For the log: status and kind of fault, never an address or a header.
    retry_after_seconds : float or None
        What the receiver asked for.
    perhaps_there : bool
        The line broke after the message had left: it may have arrived.
    receivers : mapping of str to str
        Outcome by receiver where they differ; empty where `outcome` holds for everybody.
    answered : bool
        False where the fault is ours (a message that cannot be drawn), so that the next message is tried.
    """

    outcome: Outcome
    detail: str
    retry_after_seconds: float | None = None
    perhaps_there: bool = False
    receivers: Mapping[str, Outcome] = field(default_factory=lambda: EVERYBODY)
    answered: bool = True


class Channel(Protocol):
    """One way to reach people.

    Attributes
    ----------
    name : str
    receivers : tuple of str
        Stable names of those who get a message apart; one for a webhook.
    deadline_seconds : float
        `send` ends within it.
    make_ready : callable, optional
        Loads what `send` needs. It is called before a try is noted, for a desk that is killed between that note and
        the answer has to send again.
    """

    name: str
    deadline_seconds: float

    @property
    def receivers(self) -> tuple[str, ...]:
        """See the class."""
        ...

    def send(
        self, message: "Message", receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = ""
    ) -> Receipt:
        """Send once; never raises for a fault of the network or of the receiver.

        Parameters
        ----------
        message : Message
        receivers : tuple of str
            Some of the channel's `receivers`: those who have not got it yet.
        repeat_of : str
            Run id, where an earlier attempt may have got through: the message is then marked.
        note : str
            Shown at the foot, for example that another channel is down.
        """
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """A setting of a channel that cannot work.

    Attributes
    ----------
    setting : str
        Its name within the channel's table.
    reason, remedy : str
    """

    setting: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel, as its folder describes it.

    Attributes
    ----------
    name : str
        Of the folder and of the table ``[alerts.NAME]``.
    settings : type of Section
        Has at least ``enabled``.
    open : callable
        (settings, clock) -> Channel; raises UsageError where a secret is missing.
    check : callable
        settings -> "" where the receiver answers, else what was seen; sends nothing and ends in bounded time.
    problems : callable
        settings -> the settings of a channel switched on that cannot work.
    preview : callable
        (message, settings, now) -> file name and content of what would be sent.
    """

    name: str
    settings: type[Section]
    open: Callable[[Any, Clock], Channel]
    check: Callable[[Any], str]
    problems: Callable[[Any], Iterator[Problem]]
    preview: Callable[["Message", Any, dt.datetime], Mapping[str, bytes]]
