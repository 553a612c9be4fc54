"""What can go wrong between us and a provider, one class for each thing a person or the next attempt can do.

SourceError
└── WireError                   a request that failed
├── LineError               the next request to this provider would fail alike
│   ├── Unreachable         no connection, or it broke off; may pass
│   ├── TooSlow             no whole answer within its time; may pass
│   ├── ServerFault         5xx; may pass
│   ├── RateLimited         429; may pass
│   └── UntrustedCertificate
├── UnknownForm             an answer that cannot be read; may pass, as a page of a proxy does
├── RequestRefused          4xx
├── Redirected              another address than the provider's own
├── TooLarge                more bytes than any real answer has
└── BudgetSpent             the time of this fetch is used up
"""

from typing import ClassVar

from signals.errors import SourceError


class WireError(SourceError):
    """A request that failed.

    Attributes
    ----------
    passes : bool
        True where a second attempt may succeed; a property of the class.
    wait : float or None
        Seconds the server asked us to wait.
    status : int
        HTTP's; 0 where there was no answer.
    page : bool
        True where a web page came instead of the archive's own refusal: somebody in between blocks us.
    """

    passes: ClassVar[bool] = False
    advice: ClassVar[str] = "Try again later with `captilt data fetch`; what is stored already is used meanwhile."
    word: ClassVar[str] = "failed"

    def __init__(
        self, name: str, failure: str, *, wait: float | None = None, status: int = 0, page: bool = False
    ) -> None:
        super().__init__(f"{name} {failure}. Nothing of it was stored.", remedy=self.advice, code=f"source_{self.word}")
        self.wait, self.status, self.page = wait, status, page


class LineError(WireError):
    """The connection or the server as a whole."""


class Unreachable(LineError):
    """No connection, or one that broke off."""

    passes, word = True, "unreachable"


class TooSlow(LineError):
    """No whole answer within its time."""

    passes, word = True, "slow"


class ServerFault(LineError):
    """The server failed by its own account."""

    passes, word = True, "server"


class RateLimited(LineError):
    """The server asked us to slow down."""

    passes, word = True, "limited"


class UntrustedCertificate(LineError):
    """The server's certificate cannot be trusted."""

    word = "certificate"
    advice = "Check this machine's clock; name the certificate of an inspecting proxy in SSL_CERT_FILE."


class UnknownForm(WireError):
    """An answer in a form this version does not know."""

    passes, word = True, "form"
    advice = "If it stays so, this version needs an update."


class RequestRefused(WireError):
    """The server understood the request and refused it."""

    word = "refused"
    advice = "Check the key and the series' id."


class Redirected(WireError):
    """The answer lies at another address, to which no request of ours goes."""

    word = "redirect"
    advice = "Check the provider's address in the settings."


class TooLarge(WireError):
    """More bytes than any real answer has."""

    word = "large"


class BudgetSpent(WireError):
    """The time of this fetch is used up."""

    word = "budget"
