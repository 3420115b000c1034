"""Every setting with its meaning, default, bounds and an example."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from whale_assets.chain.prices import NAMES
from whale_assets.settings import PREFIX, Settings


def reference() -> str:
    """A row a setting, in the order in which `whale-assets config` shows them."""
    rows = ["| setting | meaning | default | allowed | example |", "|---|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        setting = f"{PREFIX}{name.upper()}"
        default = f"`{as_given(field.default)}`" if field.default not in ({}, None) else "none"
        example = (field.examples or [""])[0]
        rows.append(f"| `{setting}` | {field.description} | {default} | {allowed(name, field)} | `{example}` |")
    return "\n".join(rows) + "\n"


IN_WORDS = {
    "token_thresholds": "`ADDRESS=AMOUNTusd` or `ADDRESS=AMOUNT`, in whole tokens",
    "pool_factories": "`uniswap_v2:ADDRESS:CODEHASH` or `uniswap_v3:ADDRESS:CODEHASH:FEE+FEE`, fees in millionths",
    "explorer": "an `http` or `https` URL, or `none`",
    "live_assets": "names of assets that have block ranges",
    "time_zone": "a name such as `Europe/Berlin`",
}


def as_given(value: Any) -> str:
    """A value as a person would write it into the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple | dict) else str(value)


def allowed(name: str, field: FieldInfo) -> str:
    """What may be given, in words."""
    if name in IN_WORDS:
        return IN_WORDS[name]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if field.annotation is Path:
        return "a folder"
    if field.annotation is SecretStr:
        return (
            "a URL of SQLite or MySQL, see [deployment](deployment.md)"
            if name == "sql_url"
            else "an `http` or `https` URL"
        )
    if field.annotation == tuple[str, ...]:
        return ", ".join(f"`{source}`" for source in NAMES) + ": each at most once"
    kind = "whole, " if field.annotation is int else ""
    return kind + " ".join(bounds(field))


def bounds(field: FieldInfo) -> Iterator[str]:
    """The bounds of a number."""
    for bound in field.metadata:
        match bound:
            case Ge():
                yield f"from {bound.ge:,}"
            case Gt():
                yield f"above {bound.gt:,}"
            case Le():
                yield f"up to {bound.le:,.0f}"
