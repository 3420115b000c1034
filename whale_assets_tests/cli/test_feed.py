"""The feed, judged by eye: each line stands here as a person reads it without colour."""

from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from whale_assets.chain import frames
from whale_assets.chain.movements.logged import ETHER
from whale_assets.cli.feed import HUGE, Reader, lines, styled
from whale_assets.cli.numbers import Clock
from whale_assets.explorer import Explorer
from whale_assets_tests.io.made import SOME_TIME, rows_of

THRESHOLD = 100_000.0
TRANSACTION = "0x" + "7" * 64
ALICE, BOB, POOL, ROUTER = (f"0x{letter * 40}" for letter in "abcd")
READER = Reader(
    {BOB: "Northgate: Hot Wallet 7", ROUTER: "Hopscotch"}, Explorer("https://explorer.example/"), Clock("Asia/Tokyo")
)


def told(*, reader: Reader = READER, rules: tuple[str, ...] = (), **row: Any) -> Text:
    """The line of a transaction."""
    plain = {
        "block_number": 18_576_523,
        "timestamp": SOME_TIME,
        "transaction_hash": TRANSACTION,
        "transaction_index": 3,
        "action": "transfer",
        "actor": ALICE,
        "counterparty": BOB,
        "given": "2,500 ETH",
        "got": None,
        "value_usd": 4.9e6,
    }
    [line] = lines(rows_of(frames.VALUED_TRANSACTIONS, **plain | row), reader, {TRANSACTION: rules})
    return styled(line, THRESHOLD)


def links(text: Text) -> dict[str, str]:
    """Where each linked piece of a line leads."""
    found = [(text.plain[span.start : span.end], str(span.style)) for span in text.spans]
    return {words: style.partition("link ")[2] for words, style in found if "link " in style}


def test_a_send_tells_who_gave_what_to_whom_at_what_time_of_the_readers_zone() -> None:
    assert told().plain == "07:13:20 18576523  $4.90M sent 2,500 ETH             0xaaaa…aaaa → Northgate: …"


def test_a_swap_tells_what_was_given_for_what_and_who_was_dealt_with() -> None:
    line = told(action="swap", counterparty=ROUTER, given="4,900,000 USDC", got="2,613 WETH")
    assert line.plain == ("07:13:20 18576523  $4.90M swapped 4,900,000 USDC for 2,613 WETH  0xaaaa…aaaa → Hopscotch")


def test_who_takes_stands_on_the_right() -> None:
    minted = told(action="mint", actor=BOB, counterparty=ETHER, given=None, got="24,000,000 USDC", value_usd=2.4e7)
    assert minted.plain == "07:13:20 18576523  $24.0M minted 24,000,000 USDC     nobody → Northgate: …"
    burnt = told(action="burn", actor=BOB, counterparty=ETHER, given="24,000,000 USDC", value_usd=2.4e7)
    assert burnt.plain == "07:13:20 18576523  $24.0M burnt 24,000,000 USDC      Northgate: … → nobody"
    received = told(actor=BOB, counterparty=ALICE, given=None, got="5,000 USDC", value_usd=5e3)
    assert received.plain == "07:13:20 18576523  $5,000 received 5,000 USDC        0xaaaa…aaaa → Northgate: …"


def test_the_sentence_and_the_parties_lead_to_the_readers_explorer() -> None:
    assert links(told()) == {
        "sent 2,500 ETH": f"https://explorer.example/tx/{TRANSACTION}",
        "0xaaaa…aaaa": f"https://explorer.example/address/{ALICE}",
        "Northgate: …": f"https://explorer.example/address/{BOB}",
    }
    paid = told(action="withdrawal", transaction_index=-1, given=None, got="32 ETH", actor=BOB, counterparty=ETHER)
    assert links(paid)["withdrew 32 ETH of stake"] == "https://explorer.example/block/18576523"


def test_without_an_explorer_there_are_no_links() -> None:
    assert links(told(reader=READER._replace(explorer=Explorer("none")))) == {}


def test_what_makes_one_look_twice_stands_at_the_end() -> None:
    line = told(rules=("fresh_wallet", "mixer"), is_watched=True)
    assert line.plain.endswith("0xaaaa…aaaa → Northgate: … ◉watched ⚑fresh_wallet ⚑mixer")


def test_what_has_no_price_says_so() -> None:
    assert told(value_usd=None, is_watched=True).plain.startswith("07:13:20 18576523 no price sent 2,500 ETH")


@pytest.mark.parametrize(("usd", "is_loud"), [(THRESHOLD * HUGE, True), (THRESHOLD * HUGE - 1, False)])
def test_the_huge_is_printed_in_bold_and_without_colour_reads_the_same(usd: float, is_loud: bool) -> None:
    text = told(value_usd=usd)
    assert any("bold" in str(span.style) for span in text.spans) == is_loud
    plain = Console(no_color=True, force_terminal=False, width=80)
    with plain.capture() as captured:
        plain.print(text, soft_wrap=True)
    assert captured.get() == text.plain + "\n"
