"""What `verify` tells to do, done: the store is sound again."""

import shlex

import polars as pl
from click.testing import CliRunner

from whale_assets.cli.main import main
from whale_assets_tests.verify.store_folder import KEY, StoreFolder


def test_the_command_that_is_told_repairs_what_is_damaged(store: StoreFolder) -> None:
    """Certificates and stamps of damaged ranges match: without its --again, a backfill would find nothing to do."""
    store.sql("UPDATE blocks SET timestamp = timestamp + 1 WHERE number = 113")
    store.sql(f"DELETE FROM verdicts WHERE block_range = '{KEY}'")
    store.rewrite("transactions", lambda rows: rows.with_columns(nonce=pl.col("nonce") + 1))
    store.file("logs").unlink()
    told = store.verify_range().stdout.splitlines()
    commands = {line.removeprefix("  to do: ") for line in told if line.startswith("  to do: ")}
    assert commands == {"whale-assets backfill --again --from 110 --to 119"}

    arguments = shlex.split(commands.pop())[1:]
    environment = store.environment | {"DAGSTER_HOME": str(store.folder / "dagster_home")}
    result = CliRunner().invoke(main, arguments, env=environment, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    result = store.verify("--against-node")
    assert (result.exit_code, result.stdout) == (0, "3 ranges, 25 blocks proven, 0 damaged, 0 not current\n")
