"""The cast of the made chain: who takes part, at which address, and what lists would call them.

Belongs here: tokens, pools, feeds, parties and their labels. Does not: what they do (`scenes/`).
Tokens, pools and feeds have their real mainnet addresses, stated here and not taken from the core, so that the one can
judge the other; every party is invented, and so are the tokens that nobody has heard of.
"""

from dataclasses import dataclass
from hashlib import blake2b

ZERO_ADDRESS = "0x" + "0" * 40
ETHER_LOGGER = "0x" + "f" * 39 + "e"
"""Who logs ether that moves, where it is logged at all."""


def invented(name: str) -> str:
    """The address of an invented party: the same for every chain, so that labels fit."""
    return "0x" + blake2b(name.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, eq=False)
class Token:
    """A token, by the facts that the story needs."""

    address: str
    symbol: str
    decimals: int

    @property
    def unit(self) -> int:
        """One whole token, in its smallest unit."""
        return int(10**self.decimals)


ETHER = Token(ZERO_ADDRESS, "ETH", 18)
WETH = Token("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "WETH", 18)
WBTC = Token("0x2260fac5e5542a773aa44fbcfedf7c193bc2c599", "WBTC", 8)
USDC = Token("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "USDC", 6)
USDT = Token("0xdac17f958d2ee523a2206206994597c13d831ec7", "USDT", 6)
DAI = Token("0x6b175474e89094c44da98b954eedeac495271d0f", "DAI", 18)
FAKE_USDT = Token(invented("a worthless token that calls itself USDT"), "USDT", 6)
FAKE_ETH = Token(invented("a worthless token that calls itself ETH"), "ETH", 18)
OVERFLOWING = Token(invented("a worthless token with absurd amounts"), "MOON", 0)
"""Its transfers are of amounts up to 2^256 - 1, which has 78 digits."""
UNLISTED = Token(invented("a token that no list knows"), "LARK", 9)
"""It trades for ether, and nobody but itself says how many decimals it has."""
NFT_COLLECTION = invented("a collection of NFTs")
GAME = invented("a game")


@dataclass(frozen=True, eq=False)
class Pool:
    """A pool of two tokens; `version` is Uniswap's."""

    address: str
    """Who holds its tokens, and logs what happens in it."""
    token0: Token
    token1: Token
    version: int
    id: str = ""
    """What names it in version 4, where one contract holds all pools."""


V2_USDC_WETH = Pool("0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc", USDC, WETH, 2)
V2_WBTC_WETH = Pool("0xbb2b8038a1640196fbe3e38816f3e67cba72d940", WBTC, WETH, 2)
V3_USDC_WETH = Pool("0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640", USDC, WETH, 3)
V3_WETH_USDT = Pool("0x11b815efb8f581194ae79006d24e0d814b7697f6", WETH, USDT, 3)
V3_WBTC_WETH = Pool("0x4585fe77225b41b697c938b018e2ac67ac5a20c0", WBTC, WETH, 3)
V3_WBTC_USDC = Pool("0x99ac8ca7087fa4a2a1fb6357269965a2014abc35", WBTC, USDC, 3)
MANAGER = "0x000000000004444c5dc75cb358380d2e3de08a90"
V4_ETHER_USDC = Pool(MANAGER, ETHER, USDC, 4, "0xdce6394339af00981949f5f3baf27e3610c76326a700af57e4b3e3ae4977f78d")
V4_ETHER_UNLISTED = Pool(
    MANAGER, ETHER, UNLISTED, 4, "0x5c4c7f5e739e6bdbd29e31ce717e7e31a3bcc1603c57a7d0dc82aa0af81c563f"
)


@dataclass(frozen=True)
class Feed:
    """A Chainlink aggregator; it answers at the blocks where `(number + phase) % every == 0`, within its heartbeat."""

    aggregator: str
    proxy: str
    base: str
    token: Token
    every: int
    phase: int


ETH_PROXY = "0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419"
BTC_PROXY = "0xf4030086522a5beea4988f8ca5b36dbc97bee88c"
DAI_PROXY = "0xaed0c38402a5d19df6e4c03f4e2dced6e29c1ee9"
USDC_PROXY = "0x8fffffd4afb6115b954bd326cbe7b4ba576818f6"
USDT_PROXY = "0x3e7d1eab13ad0104d2750b8863b489d65364e32d"
FEEDS = (
    Feed("0x7d4e742018fb52e48b08be73d041c18b21de6fb5", ETH_PROXY, "ETH", ETHER, every=60, phase=7),
    Feed("0x4a3411ac2948b33c69666b35cc6d055b27ea84f1", BTC_PROXY, "BTC", WBTC, every=100, phase=13),
    Feed("0x478238a1c8b862498c74d0647329aef9ea6819ed", DAI_PROXY, "DAI", DAI, every=290, phase=29),
    Feed("0x789190466e21a8b78b8027866cbbdc151542a26c", USDC_PROXY, "USDC", USDC, every=7_150, phase=41),
    Feed("0xa964273552c1dba201f5f000215f5bd5576e8f93", USDT_PROXY, "USDT", USDT, every=7_170, phase=43),
)
ORACLE_TRANSMITTER = invented("an oracle's transmitter")

ROUTER = invented("Hopscotch router")
MIXER = invented("Murmur 100 ETH")
MIXER_RELAYER = invented("a relayer of Murmur")
CONTRACTS = frozenset(
    {NFT_COLLECTION, GAME, MIXER, ETHER_LOGGER, MANAGER}
    | {token.address for token in (WETH, WBTC, USDC, USDT, DAI, FAKE_USDT, FAKE_ETH, OVERFLOWING, UNLISTED)}
    | {pool.address for pool in (V2_USDC_WETH, V2_WBTC_WETH, V3_USDC_WETH, V3_WETH_USDT, V3_WBTC_WETH, V3_WBTC_USDC)}
)
"""Whoever emits logs, but for the oracles."""

USDC_ISSUER = invented("the issuer's USDC treasury")
USDT_ISSUER = invented("the issuer's USDT treasury")
MARKET_MAKER = invented("Kestrel Trading")
CROOK = invented("a wallet of the Gilded Magpie group")
CROOKS_COUSIN = invented("a second wallet of the Gilded Magpie group")
POISONER = invented("a poisoner of address books")
SPLITTER = invented("a splitter of payments")
PAYROLL = invented("a company that pays by stablecoin")
BATCHER = invented("a rollup's batcher")
ROLLUP_INBOX = invented("a rollup's inbox")
BUILDERS = tuple(invented(f"builder {number}") for number in range(3))
PROPOSERS = tuple(invented(f"proposer {number}") for number in range(40))


@dataclass(frozen=True)
class Exchange:
    """An exchange, with the wallet that pays out, the wallet that stores, and where customers pay in."""

    name: str

    @property
    def hot(self) -> str:
        """The wallet that pays customers out; it sends many transactions a block."""
        return invented(f"{self.name} hot wallet")

    @property
    def cold(self) -> str:
        """The wallet that stores; it moves rarely and much."""
        return invented(f"{self.name} cold wallet")


EXCHANGES = tuple(Exchange(name) for name in ("Coinharbor", "Northgate", "Meridian", "Ostrava Exchange"))
WHALES = tuple(invented(f"whale {number}") for number in range(12))


def labels() -> list[dict[str, str | int | None]]:
    """Rows of `address_labels` for the cast, ready for `import labels`; whales and fresh wallets stay unknown."""
    known = [
        *((exchange.hot, f"{exchange.name}: Hot Wallet", exchange.name, "exchange") for exchange in EXCHANGES),
        *((exchange.cold, f"{exchange.name}: Cold Wallet", exchange.name, "exchange") for exchange in EXCHANGES),
        (MARKET_MAKER, "Kestrel Trading", "Kestrel Trading", "market maker"),
        (ROUTER, "Hopscotch: Router", "Hopscotch", "dex"),
        (MIXER, "Murmur: 100 ETH", "Murmur", "mixer"),
        (CROOK, "Gilded Magpie 1", "Gilded Magpie", "sanctioned"),
        (CROOKS_COUSIN, "Gilded Magpie 2", "Gilded Magpie", "sanctioned"),
        (USDC_ISSUER, "USDC: Treasury", "USDC issuer", "issuer"),
        (USDT_ISSUER, "USDT: Treasury", "USDT issuer", "issuer"),
    ]
    return [
        {
            "address": address,
            "name_tag": name_tag,
            "entity": entity,
            "category": category,
            "source": "simulator",
            "valid_from": None,
            "valid_to": None,
        }
        for address, name_tag, entity, category in known
    ]
