"""The settings, all of them.

Belongs here: names, bounds and defaults of the `WHALE_…` environment variables. Does not: who uses a setting;
they are read at the edge and passed inward.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from whale_assets.chain.prices import PRICE_SOURCES
from whale_assets.errors import WrongUse

PREFIX = "WHALE_"


class Settings(BaseModel):
    """Defaults need no server: SQLite and a local lake under `.whale/`, a node on this machine."""

    model_config = ConfigDict(frozen=True)

    node_url: SecretStr = Field(SecretStr("http://localhost:8545"), description="the node's HTTP address")
    source: Literal["auto", "graphql", "jsonrpc"] = Field("auto", description="how blocks are asked for")
    node_concurrency: int = Field(4, ge=1, le=64, description="requests to the node at once, at most")
    node_batch: int = Field(5, ge=1, le=100, description="blocks a request, at most")
    node_timeout: float = Field(30, ge=1, le=600, description="seconds a request may take")
    sql_url: SecretStr = Field(SecretStr("sqlite:///.whale/whale.db"), description="the database of the tables")
    lake: Path = Field(Path(".whale/lake"), description="the folder of the Parquet files")
    threshold_usd: float = Field(100_000, gt=0, le=1e12, description="dollars from which value is reported")
    range_size: int = Field(1_000, ge=1, le=100_000, description="blocks a range; fixed at a store's first write")
    price_sources: tuple[str, ...] = Field(
        ("chainlink", "imported"), min_length=1, description="price sources in order of trust, separated by commas"
    )
    imported_price_age: int = Field(
        172_800, ge=1, le=315_360_000, description="seconds an imported price holds where no later one ends it"
    )

    @field_validator("price_sources", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("price_sources")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in PRICE_SOURCES]
        if unknown or len(set(value)) < len(value):
            raise ValueError(f"each at most once, of: {', '.join(PRICE_SOURCES)}")
        return value

    @field_validator("node_url")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("it should look like http://localhost:8545")
        return value


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment. Raises WrongUse naming each that is misspelt, out of bounds or malformed."""
    environment = os.environ if environment is None else environment
    faults = list(unknown_names(environment))
    given = {
        name: environment[variable]
        for name in Settings.model_fields
        if (variable := PREFIX + name.upper()) in environment
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults += [f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise WrongUse("; ".join(faults))
    return settings


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OTHER_VARIABLES
    sentences = []
    for name in sorted(set(environment) - known):
        if name.startswith(PREFIX):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`whale-assets config` lists them"
            sentences.append(f"{name} is no setting: {hint}")
    return sentences


OTHER_VARIABLES = {"WHALE_SHARED"}
"""Where the tests find real data: not the program's."""


def shown(settings: Settings) -> dict[str, str]:
    """Each setting's value as a person may see it: of a URL only scheme and host, for the rest may hold a key."""
    values = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            values[name] = masked(value.get_secret_value())
        else:
            values[name] = ",".join(value) if isinstance(value, tuple) else str(value)
    return values


def masked(url: str) -> str:
    """A URL without what may be secret: user, password, path and query; a database file's path is none."""
    parts = urlsplit(url)
    if not parts.hostname:
        return url
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}" + ("/…" if parts.path.strip("/") or parts.query else "")
