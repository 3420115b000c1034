"""The pages of reference say what the program is: judged by the program itself, by sqlite3 and by DuckDB."""

import re
from collections.abc import Mapping

import duckdb
import pytest

from whale_assets.assets.columns import DESCRIPTIONS
from whale_assets.errors import WrongUse
from whale_assets.settings import OTHER_VARIABLES, PREFIX, Settings, read_settings
from whale_assets_tests.docs import tables
from whale_assets_tests.docs.pages import FOLDER, PROJECT, REFERENCE, read, renewed
from whale_assets_tests.verify.store_folder import StoreFolder

Row = list[str]


def rows_of(text: str) -> list[Row]:
    """The cells of every row of a table that begins with a name."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def columns_of(kind: str) -> Mapping[str, list[Row]]:
    """The columns that docs/tables.md tells of every table under a title."""
    [part] = re.findall(rf"^## {kind}\n(.*?)(?=^## |\Z)", read("tables.md"), flags=re.MULTILINE | re.DOTALL)
    sections = re.split(r"^### (\w+)$", part, flags=re.MULTILINE)[1:]
    return {name: rows_of(text) for name, text in zip(sections[::2], sections[1::2], strict=True)}


SETTINGS = {name.strip("`"): cells for name, *cells in rows_of(read("settings.md"))}


@pytest.mark.parametrize("page", REFERENCE)
def test_a_page_of_reference_is_what_make_docs_writes(page: str) -> None:
    assert read(page) == renewed(page), f"docs/{page} is stale: `make docs` writes it anew"


def test_the_page_of_settings_names_each_and_no_other() -> None:
    assert SETTINGS.keys() == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("variable", SETTINGS)
def test_a_default_is_what_holds_without_it_and_an_example_is_something_else(variable: str) -> None:
    _, default, _, example = SETTINGS[variable]
    assert read_settings({variable: default.strip("`").removeprefix("none")}) == read_settings({})
    assert read_settings({variable: example.strip("`")}) != read_settings({})


def accepted(variable: str, value: float) -> bool:
    """Whether a setting takes this number."""
    try:
        read_settings({variable: f"{value:g}" if value % 1 else f"{value:.0f}"})
    except WrongUse:
        return False
    return True


@pytest.mark.parametrize("variable", [name for name, cells in SETTINGS.items() if " up to " in cells[2]])
def test_bounds_are_as_told(variable: str) -> None:
    kind, *bounds = re.findall(r"(from|above) ([\d,]+) up to ([\d,]+)$", SETTINGS[variable][2])[0]
    lowest, highest = (int(bound.replace(",", "")) for bound in bounds)
    assert [accepted(variable, value) for value in (lowest - 1, lowest, lowest + 1)] == [False, kind == "from", True]
    assert [accepted(variable, value) for value in (highest, highest + 1)] == [True, False]


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{page.name}" for page in FOLDER.glob("*.md"))]
)
def test_no_page_names_a_setting_that_does_not_exist(page: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}\w+", (PROJECT / page).read_text(encoding="utf-8")))
    assert named - SETTINGS.keys() - OTHER_VARIABLES == set()


@pytest.mark.parametrize(("kind", "type_"), [("Tables", "table"), ("Views", "view")])
def test_tables_and_views_are_those_that_sqlite_has(small_store: StoreFolder, kind: str, type_: str) -> None:
    listed = small_store.sql(f"SELECT name FROM sqlite_master WHERE type = '{type_}'")
    assert columns_of(f"{kind} of the SQL store").keys() == {name for (name,) in listed} - {"alembic_version"}


def test_columns_types_and_nulls_are_those_that_sqlite_has(small_store: StoreFolder) -> None:
    for table, rows in columns_of("Tables of the SQL store").items():
        due = small_store.sql(
            f"SELECT name, type || iif(\"notnull\", '', ' or null') FROM pragma_table_info('{table}')"
        )
        assert [(name.strip("`"), type_) for name, type_, _ in rows] == due


def test_columns_of_views_are_those_that_sqlite_has(small_store: StoreFolder) -> None:
    for view, rows in columns_of("Views of the SQL store").items():
        due = small_store.sql(f"SELECT name FROM pragma_table_info('{view}')")
        assert [(name.strip("`"),) for name, *_ in rows] == due


def test_tables_of_the_lake_are_those_that_duckdb_reads(small_store: StoreFolder) -> None:
    told = columns_of("Tables of the lake")
    written = {folder.name for folder in (small_store.folder / "lake").iterdir()}
    assert told.keys() == written
    for table, rows in told.items():
        files = str(small_store.folder / "lake" / table / "*.parquet")
        due = duckdb.execute(
            "SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet($1))", [files]
        ).fetchall()
        assert [(name.strip("`"), type_) for name, type_, _ in rows] == due


def test_every_meaning_is_that_of_a_column() -> None:
    told = {
        (table, name.strip("`"))
        for kind in ("Tables of the SQL store", "Views of the SQL store", "Tables of the lake")
        for table, rows in columns_of(kind).items()
        for name, *_ in rows
    }
    assert tables.MEANINGS.keys() - {f"{table}.{column}" for table, column in told} == set()
    assert DESCRIPTIONS.keys() - {column for _, column in told} == set()


def test_units_are_told_where_the_name_tells_them() -> None:
    unit = {"_usd": "ollars", "_wei": "Wei", "timestamp": "Seconds", "valid_until": "Seconds", "price": "Wei"}
    for name, _, meaning in rows_of(read("tables.md")):
        for ending, word in unit.items():
            assert word in meaning or not name.strip("`").endswith(ending), name
