"""The feed, judged by eye: each line stands here as a person reads it on 80 columns without colour."""

from typing import NamedTuple

import polars as pl
import pytest
from rich.console import Console

from whale_assets.chain import frames
from whale_assets.chain.transfers import ETHER
from whale_assets.cli.feed import HUGE, lines, styled
from whale_assets_tests.io.made import SOME_TIME, rows_of

THRESHOLD = 100_000.0
TRANSACTION = "0x" + "7" * 64
ALICE, BOB, POOL, ROUTER, SCAM = (f"0x{letter * 40}" for letter in "abcde")
NAMES = {BOB: "Northgate: Hot Wallet 7", ROUTER: "Hopscotch", POOL: "A pool"}


class Net(NamedTuple):
    """What a party gained, or gave (below zero), in the end."""

    address: str
    amount: float | None
    symbol: str | None
    usd: float | None
    token: str = SCAM


def told(sender: str, recipient: str | None, usd: float, *nets: Net, rules: tuple[str, ...] = ()) -> str:
    """The line of a transaction, in plain text."""
    transaction = rows_of(
        frames.VALUED_TRANSACTIONS,
        block_number=18_576_523,
        timestamp=SOME_TIME,
        transaction_hash=TRANSACTION,
        sender=sender,
        recipient=recipient,
        value_usd=usd,
    )
    parties = pl.concat(
        rows_of(
            frames.TRANSACTION_PARTIES,
            transaction_hash=TRANSACTION,
            address=net.address,
            token_address=net.token,
            symbol=net.symbol,
            net_raw="-1" if (net.amount or 0) < 0 else "1",
            net_amount=net.amount,
            net_usd=net.usd,
        )
        for net in nets
    )
    [line] = lines(transaction, parties, NAMES, {TRANSACTION: rules})
    return styled(line, THRESHOLD).plain


def test_a_send_tells_who_gave_what_to_whom() -> None:
    line = told(ALICE, BOB, 4.9e6, Net(ALICE, -2_500, "ETH", -4.9e6), Net(BOB, 2_500, "ETH", 4.9e6))
    assert line == "22:13:20 18576523  $4.90M 2,500 ETH                 0xaaaa…aaaa → Northgate: …"
    assert len(line) <= 80


def test_a_swap_tells_what_was_given_for_what_and_the_contract_that_was_called() -> None:
    line = told(
        ALICE,
        ROUTER,
        4.9e6,
        Net(ALICE, -4.9e6, "USDC", -4.9e6),
        Net(POOL, 4.9e6, "USDC", 4.9e6),
        Net(POOL, -2_613.4, "WETH", -4.89e6),
        Net(ALICE, 2_613.4, "WETH", 4.89e6),
    )
    assert line == "22:13:20 18576523  $4.90M 4.90M USDC for 2,613 WETH 0xaaaa…aaaa → Hopscotch"


def test_what_is_minted_comes_from_nobody() -> None:
    line = told(ALICE, ROUTER, 2.4e7, Net(ETHER, -2.4e7, "USDC", -2.4e7), Net(BOB, 2.4e7, "USDC", 2.4e7))
    assert line == "22:13:20 18576523  $24.0M 24.0M USDC                nobody → Northgate: …"


def test_what_is_burnt_goes_to_nobody() -> None:
    line = told(BOB, ROUTER, 2.4e7, Net(BOB, -2.4e7, "USDC", -2.4e7), Net(ETHER, 2.4e7, "USDC", 2.4e7))
    assert line == "22:13:20 18576523  $24.0M 24.0M USDC                Northgate: … → nobody"


def test_a_token_that_no_list_knows_is_told_by_its_address_without_an_amount() -> None:
    line = told(
        ALICE,
        ROUTER,
        1.2e6,
        Net(ALICE, None, None, None),
        Net(ALICE, -1.2e6, "DAI", -1.2e6),
        Net(POOL, 1.2e6, "DAI", 1.2e6),
    )
    assert line == "22:13:20 18576523  $1.20M 1.20M DAI for ? 0xeeee…eeee 0xaaaa…aaaa → Hopscotch"


def test_what_a_third_party_sets_in_motion_is_told_of_those_whose_money_it_is() -> None:
    line = told(ALICE, ROUTER, 5e5, Net(BOB, -5e5, "USDT", -5e5), Net(POOL, 5e5, "USDT", 5e5))
    assert line == "22:13:20 18576523   $500k 500k USDT                 Northgate: … → A pool"


def test_rules_stand_at_the_end() -> None:
    nets = Net(ALICE, -51, "ETH", -1e5), Net(BOB, 51, "ETH", 1e5)
    line = told(ALICE, BOB, 1e5, *nets, rules=("fresh_wallet", "mixer"))
    assert line.endswith("0xaaaa…aaaa → Northgate: … ⚑fresh_wallet ⚑mixer")


def test_a_symbol_that_a_list_made_long_or_dirty_does_not_break_the_line() -> None:
    nets = Net(ALICE, -51, "E\x1b[2J\nTHEREUM", -1e5), Net(BOB, 51, "E\x1b[2J\nTHEREUM", 1e5)
    assert " 51.0 E[2JTHE… " in told(ALICE, BOB, 1e5, *nets)


@pytest.mark.parametrize(("usd", "is_loud"), [(THRESHOLD * HUGE, True), (THRESHOLD * HUGE - 1, False)])
def test_the_huge_is_printed_in_bold_and_without_colour_reads_the_same(usd: float, is_loud: bool) -> None:
    transaction = rows_of(frames.VALUED_TRANSACTIONS, timestamp=SOME_TIME, transaction_hash="0x1", value_usd=usd)
    parties = rows_of(frames.TRANSACTION_PARTIES, transaction_hash="0x1", net_amount=1.0, net_usd=usd)
    [line] = lines(transaction, parties, {}, {})
    text = styled(line, THRESHOLD)
    assert any("bold" in str(span.style) for span in text.spans) == is_loud
    plain = Console(no_color=True, force_terminal=False, width=80)
    with plain.capture() as captured:
        plain.print(text, soft_wrap=True)
    assert captured.get() == text.plain + "\n"
