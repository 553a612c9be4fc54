"""Settings from the environment: ``CAPTILT_TABLE__KEY``, above the file. Loaded only where one is set."""

from typing import Any, TypeVar

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from captilt.config.settings_file import PREFIX
from captilt.section import Section
from signals.errors import UsageError

Table = TypeVar("Table", bound=Section)


def reading_environment(kind: type[Table]) -> type[Table]:
    """`kind` with values of the environment above those that it is given (the file's).

    Raises
    ------
    UsageError
        On making one, where a variable cannot be read.
    """

    class FromEnvironment(BaseSettings, kind):  # type: ignore[misc]
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except SettingsError as fault:
                raise UsageError(
                    f"the environment: {fault}.", remedy="Variables read CAPTILT_TABLE__KEY.", code="bad_setting"
                ) from None

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """Environment over file (the file arrives as arguments)."""
            return env_settings, init_settings

    return FromEnvironment  # type: ignore[return-value]
