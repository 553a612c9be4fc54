"""Handing a mail to the server. A 4xx answer is tried again, a 5xx answer is final, for each receiver apart."""

import hashlib
import smtplib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

from captilt.channels.channel import Clock, Outcome, Receipt
from captilt.channels.email.mail import make_ready, render
from captilt.channels.email.server import MailServer, NoLogin, NoStartTls, session
from captilt.channels.message import Message

if TYPE_CHECKING:
    from captilt.channels.email.settings import EmailSettings

PERMANENT = 500  # SMTP replies from here on will not change by waiting
NAME_DIGITS = 12  # of a receiver's name in the ledger, where no address stands


def receiver_name(address: str) -> str:
    """The name under which a receiver stands in the ledger: a digest, since an address is personal."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:NAME_DIGITS]


class Email:
    """A mail server."""

    name = "email"
    make_ready = staticmethod(make_ready)

    def __init__(self, settings: "EmailSettings", password: SecretStr | None, clock: Clock) -> None:
        self._settings, self._password, self._clock = settings, password, clock
        self._addresses = {receiver_name(address): address for address in settings.to}
        self.receivers = tuple(self._addresses)
        self.deadline_seconds = 2 * settings.timeout_seconds  # a handshake begun at the last moment

    def send(self, message: Message, receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Hand the mail to the server once. See `Channel.send`."""
        settings = self._settings
        mail = render(
            message,
            sender=settings.sender,
            to=settings.to,
            now=self._clock(),
            repeat_of=repeat_of,
            note=note,
        )
        addresses = [self._addresses[name] for name in receivers if name in self._addresses]
        server = MailServer(settings.host, settings.timeout_seconds)
        try:
            with session(server, settings, self._password):
                refused = server.send_message(mail, to_addrs=addresses)
        except smtplib.SMTPRecipientsRefused as fault:
            return _partly(addresses, fault.recipients)
        except smtplib.SMTPResponseException as fault:
            return Receipt("permanent" if fault.smtp_code >= PERMANENT else "transient", f"SMTP {fault.smtp_code}")
        except (NoStartTls, NoLogin) as fault:
            return Receipt("permanent", str(fault))
        except smtplib.SMTPNotSupportedError:
            return Receipt("permanent", "an address has letters outside ASCII, which the server does not take")
        except (smtplib.SMTPException, OSError) as fault:
            return Receipt("transient", type(fault).__name__, perhaps_there=server.handed_over)
        return _partly(addresses, refused)


def _partly(addresses: list[str], refused: Mapping[str, tuple[int, bytes]]) -> Receipt:
    """The receipt of a mail that some receivers, or none, were refused."""
    if not refused:
        return Receipt("sent", "250")
    outcomes: dict[str, Outcome] = {receiver_name(address): "sent" for address in addresses}
    for address, (code, _) in refused.items():
        outcomes[receiver_name(address)] = "permanent" if code >= PERMANENT else "transient"
    among = set(outcomes.values())
    whole: Outcome = "transient" if "transient" in among else "sent" if "sent" in among else "permanent"
    codes = sorted({code for code, _ in refused.values()})
    return Receipt(whole, f"{len(refused)} of {len(addresses)} receivers refused {codes}", receivers=outcomes)
