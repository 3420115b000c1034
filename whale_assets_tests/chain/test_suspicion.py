"""Each rule on transactions made for it: what it must see, and what users of such rules complain of."""

import json
from collections.abc import Sequence

import polars as pl
import pytest

from whale_assets.chain import frames
from whale_assets.chain.events import topic
from whale_assets.chain.suspicion import RULES, verdicts
from whale_assets.chain.suspicion.evidence import Evidence
from whale_assets.chain.thresholds import Thresholds
from whale_assets_tests.chain.core import computed, known_tokens, price_points, read
from whale_assets_tests.chain.made import (
    BLOCK_TIME,
    NOBODY,
    Log,
    Transaction,
    address,
    made_block,
    topic_of,
    transfer,
    word,
)
from whale_assets_tests.oracle.movements import DEPOSIT, ETHER, ETHER_LOGGER
from whale_assets_tests.oracle.prices import USDC, WETH

ALICE, BOB, ROUTER, POOL = map(address, ("alice", "bob", "router", "pool"))
CROOK, EXCHANGE, MIXER, SPOOF = map(address, ("crook", "exchange", "mixer", "spoof"))
TORNADO_100 = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
TORNADO_DEPOSIT = topic("Deposit(bytes32,uint32,uint256)")
TORNADO_WITHDRAWAL = topic("Withdrawal(address,bytes32,address,uint256)")
THRESHOLD_USD = 100_000.0
SYNC = topic("Sync(uint112,uint112)")
DOLLARS = 10**6
"""Units of USDC; ether costs $2,000."""
ETHERS = 10**18

Verdict = tuple[str, str, str]
"""Rule, severity, reasons."""


def label(
    of: str, category: str, name_tag: str = "", valid_from: int | None = None, valid_to: int | None = None
) -> tuple[object, ...]:
    return (of, name_tag or category, None, category, "list", valid_from, valid_to)


LABELS = [label(CROOK, "sanctioned", "Crook"), label(EXCHANGE, "exchange", "Exchange"), label(MIXER, "mixer", "Murmur")]


def evidence_of(labels: Sequence[tuple[object, ...]], *transactions: Transaction) -> Evidence:
    """What the rules see of a block with these transactions."""
    block = made_block(*transactions)
    headers, body, logs, _ = read(block)
    prices = {ETHER: 2_000.0, WETH: 2_000.0, USDC: 1.0}
    points = price_points([(token, BLOCK_TIME - 1, price) for token, price in prices.items()])
    tables = computed(block, points, known_tokens(), THRESHOLD_USD)
    return Evidence(
        blocks=headers.select(list(frames.BLOCKS)),
        transactions=body.lazy(),
        logs=logs.lazy(),
        ether_transfers=tables["ether_transfers"].lazy(),
        token_transfers=tables["token_transfers"].lazy(),
        priced_tokens=[ETHER, USDC],
        valued_transactions=tables["valued_transactions"],
        transaction_parties=tables["transaction_parties"],
        labels=pl.DataFrame(labels, schema=frames.ADDRESS_LABELS, orient="row"),
        thresholds=Thresholds(THRESHOLD_USD),
    )


def judged(*transactions: Transaction, labels: Sequence[tuple[object, ...]] = LABELS) -> list[Verdict]:
    return verdicts(evidence_of(labels, *transactions)).select("rule", "severity", "reasons").rows()


def usdc(sender: str, recipient: str, dollars: float) -> Log:
    return transfer(USDC, sender, recipient, int(dollars * DOLLARS))


# A labelled party


@pytest.mark.parametrize(
    ("transaction", "reason"),
    [
        (Transaction(CROOK, BOB, ETHERS), f"{CROOK} (Crook), sender, is sanctioned"),
        (Transaction(ALICE, CROOK, ETHERS), f"{CROOK} (Crook), recipient, is sanctioned"),
        (Transaction(ALICE, USDC, logs=[usdc(CROOK, BOB, 5)]), f"{CROOK} (Crook), from, is sanctioned"),
        (Transaction(ALICE, USDC, logs=[usdc(BOB, CROOK, 5)]), f"{CROOK} (Crook), to, is sanctioned"),
    ],
)
def test_a_sanctioned_party_is_critical_in_whatever_role_it_takes_part(transaction: Transaction, reason: str) -> None:
    assert judged(transaction) == [("labelled_party", "critical", reason)]


@pytest.mark.parametrize(("category", "severity"), [("hack", "high"), ("phishing", "high"), ("sanctioned", "critical")])
def test_each_category_that_alarms_has_its_severity(category: str, severity: str) -> None:
    [found] = judged(Transaction(ALICE, BOB, ETHERS), labels=[label(BOB, category)])
    assert found[:2] == ("labelled_party", severity)


def test_a_label_that_names_a_party_without_accusing_it_does_not_alarm() -> None:
    labels = [label(each, category) for each, category in ((ALICE, "exchange"), (BOB, "dex"), (POOL, "whale"))]
    assert judged(Transaction(ALICE, BOB, ETHERS, [usdc(POOL, ALICE, 5)]), labels=labels) == []


def test_a_transfer_of_nothing_in_a_sanctioned_name_does_not_alarm() -> None:
    """Anybody can have a token log a transfer of zero in anyone's name: address poisoning lives of it."""
    assert judged(Transaction(ALICE, USDC, logs=[usdc(CROOK, BOB, 0), usdc(BOB, CROOK, 0)])) == []


def test_a_worthless_token_that_names_a_sanctioned_party_does_not_alarm() -> None:
    """Whoever deploys a contract writes any name into its logs."""
    assert judged(Transaction(ALICE, SPOOF, logs=[transfer(SPOOF, CROOK, BOB, 10**30)])) == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "alarms"),
    [
        (None, None, True),
        (BLOCK_TIME, BLOCK_TIME, True),
        (BLOCK_TIME + 1, None, False),
        (None, BLOCK_TIME - 1, False),
        (None, BLOCK_TIME, True),
    ],
)
def test_a_label_counts_while_it_is_in_force(valid_from: int | None, valid_to: int | None, alarms: bool) -> None:
    labels = [label(CROOK, "sanctioned", valid_from=valid_from, valid_to=valid_to)]
    assert bool(judged(Transaction(CROOK, BOB, ETHERS), labels=labels)) == alarms


def test_a_transaction_has_one_verdict_a_rule_with_all_its_reasons() -> None:
    second = label(BOB, "phishing", "Fake airdrop")
    transaction = Transaction(CROOK, USDC, logs=[usdc(CROOK, BOB, 1), usdc(CROOK, BOB, 2)])
    [(rule, severity, reasons)] = judged(transaction, Transaction(ALICE, POOL, ETHERS), labels=[*LABELS, second])
    assert (rule, severity) == ("labelled_party", "critical")
    assert sorted(reasons.split("; "), reverse=True) == [
        f"{CROOK} (Crook), from and sender, is sanctioned",
        f"{BOB} (Fake airdrop), to, is phishing",
    ]


# A mixer


@pytest.mark.parametrize(
    ("transaction", "reason"),
    [
        (Transaction(ALICE, TORNADO_100, 100 * ETHERS, nonce=9), "recipient is Tornado Cash: 100 ETH"),
        (Transaction(ALICE, MIXER, ETHERS), "recipient is Murmur"),
        (Transaction(ALICE, USDC, logs=[usdc(MIXER, BOB, 1)]), "from is Murmur"),
    ],
)
def test_what_goes_to_or_from_a_mixer_is_seen(transaction: Transaction, reason: str) -> None:
    assert judged(transaction) == [("mixer", "high", reason)]


@pytest.mark.parametrize(("event", "how"), [(TORNADO_DEPOSIT, "deposit into"), (TORNADO_WITHDRAWAL, "withdrawal from")])
def test_a_mixers_door_is_seen_where_it_is_reached_through_another_contract(event: str, how: str) -> None:
    through = Transaction(ALICE, ROUTER, logs=[Log(TORNADO_100, [event], word(1))])
    assert judged(through) == [("mixer", "high", f"{how} Tornado Cash: 100 ETH")]


def test_the_same_event_of_a_contract_that_is_no_mixer_does_not_alarm() -> None:
    assert judged(Transaction(ALICE, ROUTER, logs=[Log(POOL, [TORNADO_DEPOSIT], word(1))])) == []


def test_a_mixer_that_was_delisted_alarms_only_before() -> None:
    labels = [label(MIXER, "mixer", valid_to=BLOCK_TIME - 1)]
    assert judged(Transaction(ALICE, MIXER, ETHERS), labels=labels) == []


# A fresh wallet


@pytest.mark.parametrize(("nonce", "ethers", "alarms"), [(0, 50, True), (4, 50, True), (5, 50, False), (0, 49, False)])
def test_a_wallet_is_fresh_below_five_transactions_and_large_from_the_threshold_on(
    nonce: int, ethers: int, alarms: bool
) -> None:
    reason = f"{ALICE} gave $100,000 as its transaction number {nonce + 1}"
    expected = [("fresh_wallet", "medium", reason)] if alarms else []
    assert judged(Transaction(ALICE, BOB, ethers * ETHERS, nonce=nonce)) == expected


def test_a_nonce_does_not_speak_for_a_party_that_is_not_the_sender() -> None:
    """Who relays for others may be as fresh as it likes: it gives nothing of its own."""
    assert judged(Transaction(ALICE, ROUTER, logs=[usdc(BOB, POOL, 500_000)], nonce=0)) == []


def test_what_only_passes_through_does_not_make_its_sender_large() -> None:
    hops = [usdc(BOB, ALICE, 500_000), usdc(ALICE, ROUTER, 500_000), usdc(ROUTER, POOL, 500_000)]
    assert judged(Transaction(ALICE, ROUTER, logs=hops, nonce=0)) == []


@pytest.mark.parametrize(
    "transaction",
    [
        Transaction(ALICE, EXCHANGE, 60 * ETHERS, nonce=0),
        Transaction(ALICE, USDC, logs=[usdc(ALICE, EXCHANGE, 200_000)], nonce=1),
        Transaction(EXCHANGE, BOB, 60 * ETHERS, nonce=2),
    ],
)
def test_an_exchange_on_either_side_explains_the_size(transaction: Transaction) -> None:
    """Its deposit addresses are new, and swept by their first transactions."""
    assert judged(transaction) == []


@pytest.mark.parametrize(
    "logs",
    [
        [usdc(ALICE, POOL, 500_000), transfer(WETH, POOL, ALICE, 250 * ETHERS), Log(POOL, [SYNC], word(1))],
        [Log(WETH, [DEPOSIT, topic_of(ALICE)], word(60 * ETHERS))],
        [usdc(ALICE, POOL, 500_000), transfer(POOL, NOBODY, ALICE, 5)],
    ],
    ids=["swap", "wrap", "supply"],
)
def test_who_swaps_wraps_or_supplies_still_has_it(logs: Sequence[Log]) -> None:
    """The nonce alone marks one new wallet's swap in every hop."""
    value = 60 * ETHERS if logs[0].address == WETH else 0
    assert judged(Transaction(ALICE, WETH if value else ROUTER, value, logs, nonce=0)) == []


def test_ether_that_a_sanctioned_contract_sends_on_inside_a_call_is_seen_where_the_chain_logs_it() -> None:
    logs = [transfer(ETHER_LOGGER, ALICE, ROUTER, ETHERS), transfer(ETHER_LOGGER, ROUTER, CROOK, ETHERS)]
    assert judged(Transaction(ALICE, ROUTER, ETHERS, logs)) == [
        ("labelled_party", "critical", f"{CROOK} (Crook), to, is sanctioned")
    ]


def test_an_exchange_that_took_no_large_part_explains_nothing() -> None:
    paid = Transaction(ALICE, USDC, logs=[usdc(ALICE, BOB, 200_000), usdc(ALICE, EXCHANGE, 30)], nonce=0)
    assert [rule for rule, _, _ in judged(paid)] == ["fresh_wallet"]


def test_what_has_no_price_is_not_large() -> None:
    assert judged(Transaction(ALICE, SPOOF, logs=[transfer(SPOOF, ALICE, BOB, 10**40)], nonce=0)) == []


# Verdicts


def test_a_quiet_block_has_no_verdicts() -> None:
    found = verdicts(evidence_of(LABELS, Transaction(ALICE, BOB, ETHERS)))
    assert found.is_empty()
    assert found.schema == frames.VERDICTS
    assert verdicts(evidence_of([])).is_empty()


def test_a_verdict_names_its_block_its_rule_and_what_it_saw() -> None:
    block = made_block(Transaction(ALICE, CROOK, ETHERS))
    [row] = verdicts(evidence_of(LABELS, Transaction(ALICE, CROOK, ETHERS))).rows(named=True)
    assert row["block_hash"] == block.block["hash"]
    assert row["transaction_hash"] == block.block["transactions"][0]["hash"]
    assert (row["block_number"], row["log_index"]) == (block.number, -1)
    assert row["rule_version"] == {rule.name: rule.version for rule in RULES}["labelled_party"]
    assert json.loads(row["evidence"]) == [
        {"address": CROOK, "category": "sanctioned", "name_tag": "Crook", "role": ["recipient"], "source": "list"}
    ]


def test_the_same_input_in_another_order_gives_the_same_verdicts() -> None:
    labels = [
        *LABELS,
        label(CROOK, "hack", "Thief"),
        label(BOB, "phishing"),
        label(BOB, "sanctioned", "Bob"),
    ]
    transactions = [
        Transaction(CROOK, BOB, 60 * ETHERS, [usdc(CROOK, BOB, 1), usdc(BOB, MIXER, 2)], nonce=0),
        Transaction(BOB, MIXER, ETHERS),
    ]
    evidence = evidence_of(labels, *transactions)
    found = verdicts(evidence)
    assert found.height == 5
    for seed in range(3):
        shuffled = Evidence(
            blocks=evidence.blocks,
            transactions=mixed(evidence.transactions, seed),
            logs=mixed(evidence.logs, seed),
            ether_transfers=mixed(evidence.ether_transfers, seed),
            token_transfers=mixed(evidence.token_transfers, seed),
            priced_tokens=evidence.priced_tokens[::-1],
            valued_transactions=evidence.valued_transactions.sample(fraction=1, shuffle=True, seed=seed),
            transaction_parties=evidence.transaction_parties.sample(fraction=1, shuffle=True, seed=seed),
            labels=evidence.labels.sample(fraction=1, shuffle=True, seed=seed),
            thresholds=evidence.thresholds,
        )
        assert verdicts(shuffled).equals(found)


def mixed(frame: pl.LazyFrame, seed: int) -> pl.LazyFrame:
    return frame.collect().sample(fraction=1, shuffle=True, seed=seed).lazy()
