"""What a channel promises: to send one message and to say honestly how it went."""

from dataclasses import dataclass
from typing import Literal, Protocol

from captilt.alerts.message import Message

Outcome = Literal["sent", "transient", "permanent"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """How one attempt went.

    Attributes
    ----------
    outcome : str
        ``sent``; ``transient`` (try again); ``permanent`` (this message will never pass here).
    detail : str
        For the log: status and kind of fault, never an address or a header.
    retry_after_seconds : float or None
        What the receiver asked for.
    perhaps_there : bool
        The line broke after the message had left: it may have arrived.
    """

    outcome: Outcome
    detail: str
    retry_after_seconds: float | None = None
    perhaps_there: bool = False


class Channel(Protocol):
    """One way to reach people."""

    name: str

    def send(self, message: Message, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Send once; never raises for a fault of the network or of the receiver.

        Parameters
        ----------
        message : Message
        repeat_of : str
            Run id, where an earlier attempt may have got through: the message is then marked.
        note : str
            Said at the foot, for example that another channel is down.
        """
        ...
