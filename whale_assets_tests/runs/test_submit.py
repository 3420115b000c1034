"""Handing a backfill to Dagster: what its web server is asked, by Dagster's own schema, and what a person reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from dagster_graphql.schema import create_schema
from graphql import GraphQLSchema, parse, validate
from graphql.execution.values import get_variable_values

from whale_assets.errors import WhaleError
from whale_assets.runs.asked import ask
from whale_assets.runs.backfill import begin
from whale_assets.runs.plan import COMPUTED
from whale_assets.runs.submit import LAUNCH, submit_backfill
from whale_assets.settings import Settings, read_settings
from whale_assets.simulator import generate, running
from whale_assets_tests.runs.world import EVERYTHING

FIRST, SIZE = 130, 10
KEYS = ["000000130-000000139", "000000140-000000149", "000000150-000000159"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A node of three ranges, and a store that holds the first two."""
    folder = tmp_path_factory.mktemp("submit")
    chain = generate(blocks=3 * SIZE, transactions_per_block=10, first_block=FIRST)
    with pytest.MonkeyPatch.context() as patch, running(chain) as url:
        patch.setenv("DAGSTER_HOME", str(folder / "dagster"))
        made = read_settings(
            {
                "WHALE_NODE_URL": url,
                "WHALE_SQL_URL": f"sqlite:///{folder / 'whale.db'}",
                "WHALE_LAKE": str(folder / "lake"),
                "WHALE_RANGE_SIZE": str(SIZE),
                "WHALE_SOURCE": "jsonrpc",
            }
        )
        last = FIRST + 2 * SIZE - 1
        with (
            ask(made, str(FIRST), str(last), pytest.fail, lambda _: None) as asked,
            begin(asked, pytest.fail) as backfill,
        ):
            list(backfill.carry_out(backfill.works(asked.lacking())))
        yield made


@contextmanager
def dagster_that_answers(status: int, *answers: object) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The URL of a web server with these answers, in turn, and what it was asked."""
    asked: list[dict[str, Any]] = []
    waiting = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/graphql"
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = json.dumps(next(waiting)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def answered(kind: str, **more: str) -> dict[str, object]:
    return {"data": {"launchPartitionBackfill": {"__typename": kind, **more}}}


def launched(name: str) -> dict[str, object]:
    return answered("LaunchBackfillSuccess", backfillId=name)


def dagsters_schema() -> GraphQLSchema:
    schema = create_schema().graphql_schema
    assert isinstance(schema, GraphQLSchema)
    return schema


def test_dagster_is_asked_for_what_each_range_lacks_and_for_no_block_twice(settings: Settings) -> None:
    dearer = settings.model_copy(update={"threshold_usd": 1_000_000.0})
    told: list[str] = []
    with dagster_that_answers(200, launched("one"), launched("two")) as (url, asked):
        assert submit_backfill(dearer, str(FIRST), "latest", url + "/", told.append) == ["one", "two"]
    assert {each["query"] for each in asked} == {LAUNCH}
    found = [
        ([asset["path"] for asset in each["variables"]["assets"]], each["variables"]["partitions"]) for each in asked
    ]
    revalued = [asset for asset in COMPUTED if asset not in {"ether_transfers", "token_transfers", "prices"}]
    assert found == [([[asset] for asset in revalued], KEYS[:2]), ([[asset] for asset in EVERYTHING], KEYS[2:])]
    assert told == [
        f"{url}/runs/b/one shows the backfill of {KEYS[0]} to {KEYS[1]} (ranges: 2, assets: 4)",
        f"{url}/runs/b/two shows the backfill of {KEYS[2]} to {KEYS[2]} (ranges: 1, assets: 11)",
    ]


def test_dagster_understands_what_it_is_asked() -> None:
    schema, document = dagsters_schema(), parse(LAUNCH)
    assert validate(schema, document) == []
    [operation] = document.definitions
    variables = {"assets": [{"path": ["blocks"]}], "partitions": KEYS, "title": "some"}
    assert get_variable_values(schema, operation.variable_definitions, variables) == variables  # type: ignore[attr-defined]


def test_nothing_is_asked_where_all_is_current(settings: Settings) -> None:
    told: list[str] = []
    with dagster_that_answers(200) as (url, asked):
        assert submit_backfill(settings, str(FIRST), str(FIRST + SIZE), url, told.append) == []
    assert asked == []
    assert told == ["nothing to do: all ranges are current"]


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (200, answered("PythonError", message="no such asset"), "did not take the backfill: no such asset"),
        (200, answered("PartitionKeysNotFoundError"), "did not take the backfill: PartitionKeysNotFoundError"),
        (400, {"errors": [{"message": "Unknown argument"}]}, "did not take the backfill: .*Unknown argument"),
        (200, ["not", "Dagster"], "no Dagster answers"),
        (200, "not Dagster", "no Dagster answers"),
    ],
)
def test_a_refusal_is_told_in_dagsters_words(settings: Settings, status: int, answer: object, said: str) -> None:
    with dagster_that_answers(status, answer) as (url, _), pytest.raises(WhaleError, match=said):
        submit_backfill(settings, str(FIRST), "latest", url, pytest.fail)


def test_where_no_dagster_answers_one_is_told_how_to_start_it_and_no_path_of_its_url(settings: Settings) -> None:
    with dagster_that_answers(200) as (url, _):
        pass
    with pytest.raises(WhaleError, match="start it") as failed:
        submit_backfill(settings, str(FIRST), "latest", url + "/secret", pytest.fail)
    assert "secret" not in str(failed.value)
