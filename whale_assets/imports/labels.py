"""Lists of address labels.

Belongs here: their formats and what a label must be. Does not: what its words mean (`categories`).
Formats: `csv`, our own columns `address` and `name_tag`, and where wanted `entity`, `category`, `valid_from` and
`valid_to` (seconds, UTC); `eth-labels`, CSV with `address`, `label` and `name_tag`, a row a label;
`etherscan-labels`, a JSON document from each address to its `name` and `labels`; `addresses`, an address a line or a
JSON array of them, as OFAC's lists are, where addresses of Bitcoin and Tron are about another chain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl

from whale_assets.chain.frames import ADDRESS_LABELS
from whale_assets.errors import WrongUse
from whale_assets.imports import categories, files
from whale_assets.imports.faults import Rule, is_address, is_seconds, is_text, optional
from whale_assets.imports.listed import ImportedList
from whale_assets.imports.options import list_name, readable

Format = Literal["csv", "eth-labels", "etherscan-labels", "addresses"]
COLUMNS = ("address", "label", "name_tag", "entity", "valid_from", "valid_to")
"""The text of a label in every format; `label` is the list's own word for the category."""
LONGEST_NAME_TAG, LONGEST_ENTITY, LONGEST_CATEGORY = 200, 100, 40
BITCOIN_OR_TRON = "^(?:[13T][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[0-9a-z]{11,87})$"

ADDRESS, NAME_TAG = pl.col("address").str.to_lowercase(), pl.col("name_tag")
LABEL = pl.col("label").str.to_lowercase()
FROM, TO = (pl.col(column).cast(pl.Int64, strict=False) for column in ("valid_from", "valid_to"))
RULES = (
    is_address("address"),
    optional("name_tag", is_text("name_tag", LONGEST_NAME_TAG)),
    optional("entity", is_text("entity", LONGEST_ENTITY)),
    optional("label", is_text("label", LONGEST_CATEGORY)),
    optional("valid_from", is_seconds("valid_from")),
    optional("valid_to", is_seconds("valid_to")),
    Rule((FROM <= TO).fill_null(value=True), pl.lit("valid_from is after valid_to")),
)


def read_labels(
    path: Path,
    source: str | None = None,
    skip_bad: bool = False,
    *,
    list_format: Format | None = None,
    category: str | None = None,
    entity: str | None = None,
) -> ImportedList:
    """Labels (schema ADDRESS_LABELS); name tag and category are "" where there is none. Raises BadList and WrongUse.

    `category` and `entity` are for the labels to which the list gives none. The same label twice is a fault.
    """
    name = list_name(path, source)
    list_format = list_format or recognised(files.head(path))
    if list_format == "addresses" and category is None:
        category = said_by_name(path, name)
    category = category and readable("--category", category.lower(), LONGEST_CATEGORY)
    entity = entity and readable("--entity", entity, LONGEST_ENTITY)
    meant = categories.category(LABEL, NAME_TAG, category).alias("category")
    belongs = pl.coalesce("entity", pl.lit(entity, pl.String), categories.entity(LABEL, NAME_TAG))
    says = NAME_TAG.is_not_null() | LABEL.is_not_null() | pl.lit(category is not None)
    rows = READERS[list_format](path)
    frame = files.padded(rows.frame, COLUMNS).with_columns(files.visible(pl.col("name_tag", "entity")))
    return ImportedList(
        source=name,
        text=replace(rows, frame=frame),
        rules=[*RULES, Rule(says, pl.lit("it says nothing: no name tag and no category"))],
        identity=[ADDRESS, LABEL, NAME_TAG],
        repeats="this label stands above already",
        merged=[ADDRESS, meant, NAME_TAG],
        columns=[
            ADDRESS,
            NAME_TAG.fill_null(""),
            belongs.str.slice(0, LONGEST_ENTITY).alias("entity"),
            meant,
            pl.lit(name).alias("source"),
            FROM,
            TO,
        ],
        skip_bad=skip_bad,
    )


def recognised(text: str) -> Format:
    """The format of a list that begins so."""
    beginning = text.lstrip()
    first_line = beginning.partition("\n")[0]
    if beginning.startswith("{"):
        return "etherscan-labels"
    if beginning.startswith("[") or re.fullmatch("[0-9A-Za-z]{20,90}", first_line.strip()):
        return "addresses"
    return "eth-labels" if "label" in first_line else "csv"


def said_by_name(path: Path, name: str) -> str:
    """The category of bare addresses, where the name of their list tells it. Raises WrongUse where it does not."""
    if any(word in f"{path.name} {name}".lower() for word in ("sanction", "ofac")):
        return "sanctioned"
    raise WrongUse(f"{path} holds bare addresses: say what they are with --category, such as --category sanctioned")


def own_csv(path: Path) -> files.TextRows:
    """Our own columns, and no others."""
    header = files.csv_header(path, ("address", "name_tag"), ADDRESS_LABELS)
    rows = files.csv_rows(path, header, header)
    return replace(rows, frame=rows.frame.rename({"category": "label"}, strict=False))


def eth_labels(path: Path) -> files.TextRows:
    """A label and a name tag a row."""
    columns = ("address", "label", "name_tag")
    return files.csv_rows(path, files.csv_header(path, columns), columns)


class Entry(msgspec.Struct):
    """What a document says of an address."""

    name: str | None = None
    labels: list[str] = []


def etherscan_labels(path: Path) -> files.TextRows:
    """A name and any number of labels an address."""
    rows = [
        (address, label, entry.name)
        for address, entry in files.document(path, dict[str, Entry]).items()
        for label in entry.labels or (None,)
    ]
    return replace(files.entries(path, ("address", "label", "name_tag"), rows), place="label")


def addresses(path: Path) -> files.TextRows:
    """Nothing but addresses."""
    if files.head(path).lstrip().startswith("["):
        rows = files.entries(path, ["address"], [[address] for address in files.document(path, list[str])])
    else:
        rows = files.lines(path)
        rows = replace(rows, frame=rows.frame.rename({"line": "address"}))
    return replace(rows, foreign=pl.col("address").str.contains(BITCOIN_OR_TRON))


READERS: Mapping[Format, Callable[[Path], files.TextRows]] = {
    "csv": own_csv,
    "eth-labels": eth_labels,
    "etherscan-labels": etherscan_labels,
    "addresses": addresses,
}
