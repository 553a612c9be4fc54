"""What every table of the settings shares: strict keys, frozen values, secrets by name only."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ADDRESS = r"^https?://[^\s]+$"
SecretName = Annotated[str, Field(pattern=r"^$|^env:[A-Za-z_][A-Za-z0-9_]*$")]  # never the secret itself


class Section(BaseModel):
    """A table of the settings file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
