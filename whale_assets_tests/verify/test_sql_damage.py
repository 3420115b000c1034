"""Rows altered in the database, each named by `verify`."""

from collections.abc import Iterator

import pytest

from whale_assets.chain.ranges import parse_key
from whale_assets.errors import StoreError
from whale_assets.io.range_tables import RANGE_TABLES
from whale_assets.io.stamps import sum_up
from whale_assets.io.stores import Stores
from whale_assets.verify.findings import SENTENCES_SHOWN, Finding, damages
from whale_assets.verify.held import Held
from whale_assets.verify.offline import prove_range, read_reference
from whale_assets_tests.verify.store_folder import KEY, StoreFolder, assert_damaged

IN_RANGE = f"block_range = '{KEY}'"


def test_a_sound_store_is_proven_and_holds_something_to_prove(store: StoreFolder) -> None:
    for table, _ in RANGE_TABLES.values():
        assert store.sql(f"SELECT count(*) FROM {table.name} WHERE {IN_RANGE}") != [(0,)], table.name
    result = store.verify()
    assert result.stdout == "3 ranges, 25 blocks proven, 0 damaged, 0 not current\n"
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("statement", "patterns"),
    [
        (
            "UPDATE blocks SET hash = '0xbad' WHERE number = 115",
            ["blocks: block 116: parent_hash should be 0xbad, which is block 115's hash, found 0x[0-9a-f]+"],
        ),
        (
            "UPDATE blocks SET hash = '0xbad' WHERE number = 119",
            ["blocks: block 119: hash should be 0x[0-9a-f]+ as certified, found 0xbad"],
        ),
        (
            "UPDATE blocks SET parent_hash = '0xbad' WHERE number = 110",
            ["blocks: block 110: parent_hash should be 0x[0-9a-f]+, .* found 0xbad"],
        ),
        (
            "UPDATE blocks SET base_fee_per_gas = 7 WHERE number = 115",
            ["blocks: these are not the rows that were certified: their SHA-256 should be [0-9a-f]{64}, found"],
        ),
        ("DELETE FROM blocks WHERE number IN (115, 117)", ["blocks: block 115, 117 is missing"]),
        (
            "UPDATE blocks SET number = 999 WHERE number = 115",
            [
                "blocks: block 115 is missing",
                "000000990-000000999 blocks: rows of blocks from 999 to 999, which no certified range has: 1\n",
            ],
        ),
        (
            "UPDATE blocks SET timestamp = 1 WHERE number = 115",
            ["block 115: timestamp should be above \\d+, .*found 1"],
        ),
        (
            "UPDATE blocks SET timestamp = 'soon' WHERE number = 115",
            ["blocks: a value is not of its column's type: .*soon"],
        ),
        (
            "UPDATE blocks SET transaction_count = transaction_count + 2 WHERE number = 115",
            [
                "blocks: these are not the rows that were certified",
                "transactions: block 115: (\\d+) transactions expected, found \\d+, without index \\d+, \\d+\n",
            ],
        ),
        (
            f"UPDATE block_ranges SET transaction_count = 7 WHERE {IN_RANGE}",
            ["transactions: 7 transactions were certified, found \\d+"],
        ),
        (f"UPDATE block_ranges SET log_count = 7 WHERE {IN_RANGE}", ["logs: 7 logs were certified, found \\d+"]),
        (
            f"UPDATE block_ranges SET block_count = 7 WHERE {IN_RANGE}",
            ["block_ranges: block_count should be 10, found 7"],
        ),
        (
            f"UPDATE block_ranges SET through_block = 120 WHERE {IN_RANGE}",
            ["block_ranges: through_block should be from 110 to 119, found 120"],
        ),
        (
            f"UPDATE block_ranges SET last_block = 120 WHERE {IN_RANGE}",
            ["block_ranges: block_range should be 000000110-000000120, for blocks 110 to 120, found 000000110-0"],
        ),
        (
            f"UPDATE block_ranges SET last_block = 5 WHERE {IN_RANGE}",
            ["000000110-000000119 block_ranges: the range starts at block 110, after its end 5"],
        ),
        (
            f"UPDATE block_ranges SET computed = 'abc' WHERE {IN_RANGE}",
            ["block_ranges: computed should be [0-9a-f]{64}, found abc: it does not sum up the stamps"],
        ),
        (
            f"UPDATE block_ranges SET through_hash = '0xbad' WHERE {IN_RANGE}",
            ["blocks: block 119: hash should be 0xbad as certified", "transactions: the file .*0xbad.* is missing"],
        ),
        (
            f"UPDATE block_ranges SET first_parent_timestamp = 9999999999 WHERE {IN_RANGE}",
            ["blocks: block 110: timestamp should be above 9999999999"],
        ),
        (
            "UPDATE valued_movements SET block_range = '000000120-000000129' WHERE block_number BETWEEN 110 AND 119",
            [f"{KEY} valued_movements: block_range should be {KEY}, found 000000120-000000129; such rows: \\d+\n"],
        ),
    ],
)
def test_what_was_altered_is_named(store: StoreFolder, statement: str, patterns: list[str]) -> None:
    store.sql(statement)
    assert_damaged(store.verify_range(), *patterns)


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        ("token0 = '0xbad'", "0x[0-9a-f]{64} is no uniswap_v4 pool of 0xbad and 0x[0-9a-f]{40} by factory 0x"),
        ("pool = replace(pool, '0x', '0y')", "0y[0-9a-f]{64} is no uniswap_v4 pool of 0x[0-9a-f]{40} and"),
        ("fee = -1, kind = 'uniswap_v4'", "0x[0-9a-f]{64} is no uniswap_v4 pool of 0x[0-9a-f]{40} and"),
        ("kind = 'balancer'", "0x[0-9a-f]{64} is no balancer pool of"),
    ],
)
def test_a_pool_that_does_not_prove_itself_is_named(store: StoreFolder, change: str, pattern: str) -> None:
    store.sql(f"UPDATE pools SET {change} WHERE pool = (SELECT max(pool) FROM pools)")
    cure = "delete the row, or list its factory by WHALE_POOL_FACTORIES"
    assert_damaged(store.verify_range(), f"pools pools: {pattern}", cure=cure)


@pytest.mark.parametrize("table", RANGE_TABLES)
def test_altered_values_of_a_computed_table_are_named(store: StoreFolder, stores: Stores, table: str) -> None:
    columns = [column.name for column in RANGE_TABLES[table][0].columns if not column.primary_key]
    columns.remove("block_range") if "block_range" in columns else None
    row = one_row(table)
    [before] = store.sql(f"SELECT {', '.join(columns)} FROM {table} WHERE {row}")
    after = [altered(value) for value in before]
    changes = ", ".join(f"{column} = {value!r}" for column, value in zip(columns, after, strict=True))
    store.sql(f"UPDATE {table} SET {changes} WHERE {row}")

    [certificate, *_] = stores.sql.certificates()
    findings = prove_range(stores, certificate.blocks, read_reference(stores)).findings
    shown = ["nothing" if value is None else value for value in before]
    told = list(zip(columns, shown, after, strict=True))[:SENTENCES_SHOWN]
    for finding, (column, expected, found) in zip(findings, told, strict=False):
        assert (finding.block_range, finding.table) == (KEY, table)
        assert f": {column} should be {expected}"[:80] in finding.what
        assert f"found {found}"[:80] in finding.what
    unsaid = len(columns) - SENTENCES_SHOWN
    assert [finding.what for finding in findings[SENTENCES_SHOWN:]] == [f"{unsaid} more like these"] * (unsaid > 0)


def one_row(table: str) -> str:
    """The condition of one row of the range, by its key."""
    key = ", ".join(column.name for column in RANGE_TABLES[table][0].primary_key)
    return f"({key}) = (SELECT {key} FROM {table} WHERE {IN_RANGE} ORDER BY {key} DESC LIMIT 1)"


def altered(value: object) -> object:
    """Another value of the same type; a float by a millionth."""
    match value:
        case int():
            return value + 1
        case float():
            return value * 1.000_001 or 1.0
        case _:
            return f"{value}9"


@pytest.mark.parametrize("table", RANGE_TABLES)
def test_a_row_that_is_missing_and_a_row_too_many_are_named(store: StoreFolder, stores: Stores, table: str) -> None:
    key = [column.name for column in RANGE_TABLES[table][0].primary_key if column.name != "block_range"][-1]
    store.sql(f"UPDATE {table} SET {key} = {key} || 9 WHERE {one_row(table)}")
    [certificate, *_] = stores.sql.certificates()
    missing, extra = (
        finding.what for finding in prove_range(stores, certificate.blocks, read_reference(stores)).findings
    )
    assert missing.endswith(" is missing")
    assert extra == missing.replace(" is missing", "9 should not be there")


def test_a_value_of_another_type_is_named(store: StoreFolder) -> None:
    store.sql(f"UPDATE valued_transactions SET nonce = 'many' WHERE {IN_RANGE}")
    assert_damaged(store.verify_range(), f"{KEY} valued_transactions: a value is not of its column's type: .*many")


def test_ranges_that_are_not_linked_are_named_with_both(store: StoreFolder) -> None:
    store.sql("UPDATE block_ranges SET first_parent_hash = '0xbad' WHERE block_range = '000000120-000000129'")
    assert_damaged(
        store.verify(),
        "000000120-000000129 block_ranges: block 120: first_parent_hash should be 0x[0-9a-f]+, "
        "the last hash of 000000110-000000119, found 0xbad",
        cure="whale-assets backfill --again --from 110 --to 129",
    )


def test_rows_of_no_certified_range_are_named(store: StoreFolder) -> None:
    store.sql(f"UPDATE blocks SET number = number + 400 WHERE {IN_RANGE}")
    store.sql(f"UPDATE whale_activity SET block_range = 'mine' WHERE {IN_RANGE}")
    result = store.verify_range()
    assert_damaged(result, "blocks: block 110, 111, 112, 113, 114 and 5 more is missing")
    cure = "whale-assets backfill --again --from 510 --to 519"
    assert_damaged(result, "blocks: rows of blocks from 510 to 519, which no certified range has: 10\n", cure=cure)
    cure = "delete these rows: the store has no such range"
    assert_damaged(result, "mine whale_activity: rows of a range that has no certificate: \\d+\n", cure=cure)


def test_a_list_that_lost_a_row_is_named_and_imported_again(store: StoreFolder) -> None:
    [(count,)] = store.sql("SELECT count(*) FROM address_labels")
    store.sql("DELETE FROM address_labels WHERE name_tag = 'Murmur: 100 ETH'")
    assert_damaged(
        store.verify_range(),
        f"damaged lists address_labels: {count} rows of cast were imported, found {count - 1}\n",
        cure="whale-assets import labels FILE --source cast",
    )


def test_a_verdict_of_a_block_that_left_the_chain_is_no_damage(store: StoreFolder) -> None:
    store.sql(
        "INSERT INTO verdicts SELECT block_number, '0x01d', transaction_hash, rule, log_index, rule_version, severity, "
        f"reasons, evidence, block_range FROM verdicts WHERE {IN_RANGE}"
    )
    assert store.verify().exit_code == 0


def test_a_table_without_its_stamp_is_not_current_and_no_damage(store: StoreFolder, stores: Stores) -> None:
    store.sql(f"DELETE FROM range_tables WHERE table_name = 'prices' AND {IN_RANGE}")
    certificate = stores.sql.certificate(parse_key(KEY))
    stores.sql.write("summing up", lambda connection: sum_up(connection, certificate))
    result = store.verify()
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"not current {KEY}: prices",
        "  to do: whale-assets backfill --from 110 --to 119",
        "3 ranges, 25 blocks proven, 0 damaged, 1 not current",
    ]


def test_after_a_new_threshold_tables_are_not_current_and_strays_are_still_named(store: StoreFolder) -> None:
    tables = "valued_movements, valued_transactions, transaction_parties, token_flows, whale_activity, verdicts"
    result = store.verify(WHALE_THRESHOLD_USD="5")
    assert result.exit_code == 0
    assert f"not current {KEY} … 000000130-000000139 (3): {tables}\n" in result.stdout
    assert "  to do: whale-assets backfill --from 110 --to 134\n" in result.stdout
    assert "3 ranges, 25 blocks proven, 0 damaged, 3 not current" in result.stdout

    for table in ("valued_movements", "valued_transactions", "transaction_parties"):
        store.sql(f"UPDATE {table} SET transaction_hash = '0xbad' || transaction_hash WHERE {IN_RANGE}")
    store.sql(f"UPDATE whale_activity SET last_block = 120 WHERE {IN_RANGE}")
    result = store.verify(WHALE_THRESHOLD_USD="5")
    for table in ("valued_movements", "valued_transactions", "transaction_parties", "whale_activity"):
        assert_damaged(result, f"{KEY} {table}: .* belongs to no stored block and transaction")


def test_a_range_that_is_written_meanwhile_is_proven_again(store: StoreFolder, stores: Stores) -> None:
    """Without it, a backfill beside a verification looks like damage."""
    [certificate, *_] = stores.sql.certificates()
    proofs = []

    def further(held: Held) -> Iterator[Finding]:
        proofs.append(held.certificate.source)
        if len(proofs) == 1:
            store.sql(f"UPDATE block_ranges SET source = 'another fetch' WHERE {IN_RANGE}")
            yield from damages(held.certificate, "blocks", ["what was read is no longer there"])

    proof = prove_range(stores, certificate.blocks, read_reference(stores), further)
    assert (proof.findings, proofs) == ([], [certificate.source, "another fetch"])


def test_lists_imported_meanwhile_end_it(store: StoreFolder, stores: Stores) -> None:
    [certificate, *_] = stores.sql.certificates()
    reference = read_reference(stores)
    store.sql(f"DELETE FROM prices WHERE {IN_RANGE}")
    store.sql("UPDATE lists SET digest = 'another'")
    with pytest.raises(StoreError, match="a list was imported meanwhile"):
        prove_range(stores, certificate.blocks, reference)
