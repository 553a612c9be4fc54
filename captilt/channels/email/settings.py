"""``[alerts.email]``."""

from pydantic import Field

from captilt.section import SecretName, Section


class EmailSettings(Section):
    """``[alerts.email]``."""

    enabled: bool = False
    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    user: str = ""
    password: SecretName = "env:CAPTILT_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
    sender: str = ""
    to: tuple[str, ...] = ()
    starttls: bool = True
    ca_file: str = ""  # extra certificate authority, for a mail server of your own
    timeout_seconds: float = Field(default=20.0, gt=0, le=120)
