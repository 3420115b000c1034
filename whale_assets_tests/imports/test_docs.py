"""The page about lists, held to the code."""

import re
from pathlib import Path
from typing import get_args

from whale_assets.imports import categories, labels, prices, tokens

PAGE = (Path(__file__).parents[2] / "docs" / "lists.md").read_text(encoding="utf-8")


def test_the_page_names_every_format() -> None:
    formats = {name for kind in (tokens, labels, prices) for name in get_args(kind.Format)}
    assert {name for name in formats if f"`{name}`" not in PAGE} == set()


def test_the_page_has_the_table_of_words_as_it_is() -> None:
    rows = re.findall(r"^   \| (`.*`) \| `(.*)` \|$", PAGE, flags=re.MULTILINE)
    assert {category: tuple(re.findall("`([^`]+)`", words)) for words, category in rows} == categories.CATEGORIES
