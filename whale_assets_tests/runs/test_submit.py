"""Handing a backfill to Dagster: what its web server is asked, by Dagster's own schema, and what a person reads."""

from collections.abc import Iterator

import pytest
from dagster_graphql.schema import create_schema
from graphql import GraphQLSchema, parse, validate
from graphql.execution.values import get_variable_values

from whale_assets.errors import WhaleError
from whale_assets.runs.asked import ask
from whale_assets.runs.backfill import begin
from whale_assets.runs.launch import wait_for
from whale_assets.runs.plan import COMPUTED
from whale_assets.runs.submit import submit_backfill
from whale_assets.runs.webserver import FOLLOW, LAUNCH, WebServer
from whale_assets.settings import Settings, read_settings
from whale_assets.simulator import generate, running
from whale_assets_tests.runs.webserver import answered, dagster_that_answers, launched
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


def dagsters_schema() -> GraphQLSchema:
    schema = create_schema().graphql_schema
    assert isinstance(schema, GraphQLSchema)
    return schema


def test_dagster_is_asked_for_what_each_range_lacks_and_for_no_block_twice(settings: Settings) -> None:
    dearer = settings.model_copy(update={"threshold_usd": 1_000_000.0})
    told: list[str] = []
    with dagster_that_answers(200, launched("one"), launched("two")) as (url, asked):
        assert submit_backfill(dearer, str(FIRST), "latest", WebServer(url + "/"), told.append) == ["one", "two"]
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
    assert validate(schema, document) == validate(schema, parse(FOLLOW)) == []
    [operation] = document.definitions
    variables = {"assets": [{"path": ["blocks"]}], "partitions": KEYS, "title": "some"}
    assert get_variable_values(schema, operation.variable_definitions, variables) == variables  # type: ignore[attr-defined]


def test_nothing_is_asked_where_all_is_current(settings: Settings) -> None:
    told: list[str] = []
    with dagster_that_answers(200) as (url, asked):
        assert submit_backfill(settings, str(FIRST), str(FIRST + SIZE), WebServer(url), told.append) == []
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
        submit_backfill(settings, str(FIRST), "latest", WebServer(url), pytest.fail)


def test_where_no_dagster_answers_one_is_told_how_to_start_it_and_no_path_of_its_url(settings: Settings) -> None:
    with dagster_that_answers(200) as (url, _):
        pass
    with pytest.raises(WhaleError, match="start it") as failed:
        submit_backfill(settings, str(FIRST), "latest", WebServer(url + "/secret"), pytest.fail)
    assert "secret" not in str(failed.value)


def followed(status: str, done: int = 0, failed: int = 0, error: str | None = None) -> dict[str, object]:
    """How a backfill of ten partitions stands."""
    counts = {"numPartitionsTargeted": 10, "numPartitionsMaterialized": done, "numPartitionsFailed": failed}
    found = {
        "__typename": "PartitionBackfill",
        "status": status,
        "error": error and {"message": error},
        "assetBackfillData": {"assetBackfillStatuses": [counts]},
    }
    return {"data": {"partitionBackfillOrError": found}}


def waited(*answers: object, backfills: tuple[str, ...] = ("one",)) -> tuple[list[tuple[int, int]], list[str]]:
    """The progress that is told while a backfill is waited for, and what else is said."""
    progress: list[tuple[int, int]] = []
    told: list[str] = []
    with dagster_that_answers(200, *answers) as (url, _):
        wait_for(backfills, WebServer(url), told.append, lambda done, total: progress.append((done, total)), every=0)
    return progress, told


def test_waiting_ends_with_the_backfills_own_end() -> None:
    assert waited(followed("REQUESTED"), followed("REQUESTED", 4), followed("COMPLETED_SUCCESS", 10)) == (
        [(0, 10), (4, 10), (10, 10)],
        [],
    )


def test_of_several_backfills_the_last_is_waited_for() -> None:
    done, going = followed("COMPLETED_SUCCESS", 10), followed("REQUESTED", 5)
    progress, _ = waited(done, going, done, done, backfills=("one", "two"))
    assert progress == [(15, 20), (20, 20)]


@pytest.mark.parametrize("status", ["COMPLETED_FAILED", "FAILED", "CANCELED"])
def test_a_backfill_that_did_not_succeed_is_an_error(status: str) -> None:
    with pytest.raises(
        WhaleError, match=f"backfill one ended as {status}, with 3 failed partitions: no such node: see"
    ):
        waited(followed(status, 7, 3, error="no such node\nTraceback"))


def test_a_web_server_that_is_away_is_waited_for_and_told_once() -> None:
    trouble = {"data": {"partitionBackfillOrError": {"__typename": "PythonError", "message": "no database"}}}
    progress, told = waited("away", trouble, followed("COMPLETED_SUCCESS", 10))
    assert progress == [(10, 10)]
    assert len(told) == 1
    assert "while the backfill itself goes on: no Dagster answers" in told[0]


def test_a_backfill_that_dagster_does_not_know_is_an_error() -> None:
    with pytest.raises(WhaleError, match="no backfill one"):
        waited(
            {
                "data": {
                    "partitionBackfillOrError": {"__typename": "BackfillNotFoundError", "message": "no backfill one"}
                }
            }
        )
