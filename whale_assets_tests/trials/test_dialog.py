"""Dagster's pages alone: ranges are registered by the form, and a backfill of them is started by the dialog."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from whale_assets.io.database import database
from whale_assets.io.migrate import upgrade
from whale_assets.io.stores import open_stores
from whale_assets.settings import read_settings
from whale_assets.simulator import generate, running
from whale_assets_tests.services.mysql import run_server
from whale_assets_tests.trials.deployment import Deployment, deployed

pytestmark = [pytest.mark.trial, pytest.mark.services]

FIRST, RANGES, SIZE = 500, 20, 2
LAST = FIRST + RANGES * SIZE - 1
CHROMIUM = Path("/usr/bin/chromium")
LOADED_WITHIN, DONE_WITHIN = 30_000, 300_000
"""Milliseconds."""


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment on MySQL with a node of twenty ranges."""
    chain = generate(blocks=RANGES * SIZE, transactions_per_block=10, first_block=FIRST)
    with run_server("mysql") as server, running(chain) as node:
        server.make_database("whale")
        kind, url = database(server.url("owner", "whale"))
        upgrade(kind, kind.open(url))
        environment = {
            "WHALE_NODE_URL": node,
            "WHALE_SQL_URL": server.url("writer", "whale"),
            "DAGSTER_SQL_URL": server.url("dagster", "dagster").replace("mysql:", "mysql+mysqlconnector:"),
            "WHALE_RANGE_SIZE": str(SIZE),
        }
        with deployed(tmp_path / "deployment", environment) as made:
            yield made


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser that a person would see nothing of."""
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium: `make services` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1_600, "height": 1_000})
        opened.set_default_timeout(LOADED_WITHIN)
        yield opened
        browser.close()


def test_ranges_are_registered_and_materialized_in_the_pages_alone(deployment: Deployment, page: Page) -> None:
    register(page, deployment.url)
    page.goto(f"{deployment.url}/asset-groups")
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_role("button", name="Missing", exact=True).click()
    page.get_by_role("button", name="Launch backfill").click()
    page.goto(f"{deployment.url}/runs?view=backfills")
    expect(page.get_by_text("Success").first).to_be_visible(timeout=DONE_WITHIN)

    given = {name: value for name, value in deployment.environment.items() if name.startswith("WHALE_")}
    stores = open_stores(read_settings(given))
    certificates = stores.sql.certificates()
    assert [each.blocks.first for each in certificates] == list(range(FIRST, LAST, SIZE))
    assert not any(stores.outdated(certificates).values())
    stores.close()


def register(page: Page, url: str) -> None:
    """Fills in the form of the job, launches it, and waits for its end."""
    config = f"ops:\n  register_ranges:\n    config:\n      from_block: {FIRST}\n"
    page.goto(f"{url}/locations/whale_assets.definitions/jobs/register_block_ranges/playground")
    editor = page.locator(".CodeMirror").first
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(config)
    page.get_by_role("button", name="Launch run").click()
    expect(page.get_by_text("Success").first).to_be_visible(timeout=DONE_WITHIN)
