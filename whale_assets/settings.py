"""The settings, all of them.

Belongs here: names, bounds and defaults of the `WHALE_…` environment variables. Does not: who uses a setting;
they are read at the edge and passed inward.
"""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from whale_assets.chain.pools.factories import FACTORIES, Factory, parse_factory
from whale_assets.chain.prices import NAMES, PRICE_SOURCES
from whale_assets.chain.thresholds import Limit, Thresholds, parse_limit
from whale_assets.errors import WrongUse
from whale_assets.runs.plan import COMPUTED, FETCHED

PREFIX = "WHALE_"


class Settings(BaseModel):
    """Defaults need no server: SQLite and a local lake under `.whale/`, a node on this machine."""

    model_config = ConfigDict(frozen=True)

    node_url: SecretStr = Field(
        SecretStr("http://localhost:8545"),
        description="the node's HTTP address",
        examples=["https://eth.example.org/v1/KEY"],
    )
    source: Literal["auto", "graphql", "jsonrpc"] = Field(
        "auto", description="how blocks are asked for", examples=["jsonrpc"]
    )
    node_concurrency: int = Field(4, ge=1, le=64, description="requests to the node at once, at most", examples=["8"])
    node_batch: int = Field(10, ge=1, le=100, description="blocks a request, at most", examples=["20"])
    node_timeout: float = Field(30, ge=1, le=600, description="seconds a request may take", examples=["60"])
    sql_url: SecretStr = Field(
        SecretStr("sqlite:///.whale/whale.db"),
        description="the database of the tables",
        examples=["mysql://localhost/whale?option_files=/run/secrets/writer.cnf"],
    )
    lake: Path = Field(Path(".whale/lake"), description="the folder of the Parquet files", examples=["/data/lake"])
    kafka: str = Field(
        "",
        pattern=r"^[^/\s]*$",
        description="Kafka's brokers as host:port, separated by commas; empty: no Kafka, the node itself is polled",
        examples=["localhost:9092"],
    )
    kafka_options: Path | None = Field(
        None,
        description="a TOML file of options for Kafka's client, such as those that log in",
        examples=["/run/secrets/kafka.toml"],
    )
    topic: str = Field(
        "whale",
        pattern=r"^[a-zA-Z0-9._-]{1,200}$",
        description="what the names of the topics begin with: NAME.blocks and NAME.heads",
        examples=["sepolia"],
    )
    live_assets: tuple[str, ...] = Field(
        (),
        description="the assets that sensors materialize, with all that these need, separated by commas; empty: all",
        examples=["valued_transactions,suspect_transactions"],
    )
    dagster_url: SecretStr = Field(
        SecretStr("http://127.0.0.1:3000"),
        description="Dagster's web server, to which backfills are submitted",
        examples=["http://dagster.example.org:3000"],
    )
    threshold_usd: float = Field(
        100_000, gt=0, le=1e12, description="dollars from which value is reported", examples=["1000000"]
    )
    token_thresholds: Mapping[str, Limit] = Field(
        {},
        description="other thresholds for single tokens, by address, in dollars or whole tokens, separated by commas",
        examples=[
            "0xdac17f958d2ee523a2206206994597c13d831ec7=5000000usd,0x514910771af9ca656af840dff83e8264ecf986ca=1e5"
        ],
    )
    explorer: str = Field(
        "https://etherscan.io",
        pattern=r"^(none|https?://\S+)$",
        description="the block explorer that lists link to, or none",
        examples=["https://eth.blockscout.com"],
    )
    time_zone: str = Field("UTC", description="the zone of times in lists; tables keep UTC", examples=["Europe/Berlin"])
    range_size: int = Field(
        1_000, ge=1, le=100_000, description="blocks a range; fixed at a store's first write", examples=["100"]
    )
    price_sources: tuple[str, ...] = Field(
        ("chainlink", "pools", "declared", "imported"),
        min_length=1,
        description="price sources in order of trust, separated by commas",
        examples=["imported"],
    )
    pool_depth_usd: float = Field(
        100_000,
        ge=1,
        allow_inf_nan=False,
        description="dollars a pool must hold of the token that prices the other one",
        examples=["1000000"],
    )
    unlisted_pool_depth_usd: float = Field(
        1_000_000,
        ge=1,
        allow_inf_nan=False,
        description="the same for a token that no list knows, which anybody may have made, with its pool",
        examples=["10000000"],
    )
    pool_factories: tuple[Factory, ...] = Field(
        (),
        description="more factories of pools with the events of Uniswap v2 or v3, separated by commas",
        examples=[
            "uniswap_v3:0xbaceb8ec6b9355dfc0269c18bac9d6e2bdc29c4f:"
            "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54:100+500+3000+10000"
        ],
    )
    imported_price_age: int = Field(
        172_800,
        ge=1,
        le=315_360_000,
        description="seconds an imported price or ratio holds where no later one ends it",
        examples=["86400"],
    )

    @property
    def thresholds(self) -> Thresholds:
        """All thresholds together."""
        return Thresholds(self.threshold_usd, self.token_thresholds)

    @field_validator("token_thresholds", mode="before")
    @classmethod
    def _limits(cls, value: object) -> object:
        return dict(map(parse_limit, value.split(","))) if isinstance(value, str) else value

    @field_validator("pool_factories", mode="before")
    @classmethod
    def _factories(cls, value: object) -> object:
        return tuple(map(parse_factory, value.split(","))) if isinstance(value, str) else value

    @field_validator("pool_factories")
    @classmethod
    def _unknown(cls, value: tuple[Factory, ...]) -> tuple[Factory, ...]:
        addresses = [factory.address for factory in (*FACTORIES, *value)]
        for address in sorted(set(addresses)):
            if addresses.count(address) > 1:
                raise ValueError(f"{address} is there twice, or known without being listed")
        return value

    @field_validator("price_sources", "live_assets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("price_sources")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(name not in NAMES for name in value) or len(set(value)) < len(value):
            raise ValueError(f"each at most once, of: {', '.join(NAMES)}")
        if not any(name in PRICE_SOURCES for name in value):
            raise ValueError(f"{value[0]} need a source of dollars beside them: {' or '.join(PRICE_SOURCES)}")
        return value

    @field_validator("live_assets")
    @classmethod
    def _assets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = (*FETCHED, *COMPUTED)
        for name in value:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
                raise ValueError(f"{name!r} is no asset of block ranges: {hint}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone: it should look like Europe/Berlin") from None
        return value

    @field_validator("node_url", "dagster_url")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        scheme, host = scheme_and_host(value.get_secret_value())
        if scheme not in ("http", "https") or not host:
            raise ValueError("it should look like http://localhost:8545")
        return value


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment; an empty variable counts as unset.

    Raises WrongUse naming each that is misspelt, out of bounds or malformed.
    """
    environment = os.environ if environment is None else environment
    faults = list(unknown_names(environment))
    given = {name: value for name in Settings.model_fields if (value := environment.get(PREFIX + name.upper()))}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults += [
            f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
    if faults:
        raise WrongUse("; ".join(faults))
    return settings


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    known = {name.upper() for name in Settings.model_fields}
    sentences = []
    for variable in sorted(environment.keys() - OTHER_VARIABLES):
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {PREFIX}{close[0]}?" if close else "`whale-assets config` lists them"
            sentences.append(f"{variable} is no setting: {hint}")
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
        elif isinstance(value, Mapping):
            values[name] = ",".join(f"{key}={each}" for key, each in value.items())
        else:
            values[name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return values


def masked(url: str) -> str:
    """A URL without what may be secret: user, password, path and query; a database file's path is none."""
    if re.fullmatch(r"sqlite:///[^?]*", url):
        return url
    scheme, host = scheme_and_host(url)
    if not host:
        return "…"
    return f"{scheme}://{host}" + ("" if url.rstrip("/").endswith(host) else "/…")


def scheme_and_host(url: str) -> tuple[str, str]:
    """Of a URL `http` and `localhost:8545`; of what cannot be read as one, nothing."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", ""
    bracketed = f"[{host}]" if ":" in host else host
    return parts.scheme, bracketed if port is None else f"{bracketed}:{port}"
