"""Facts about the tokens that the project knows by itself, and the Chainlink feeds that price some of them.

Belongs here: what stays true on mainnet for ever: a contract's address, its decimals, what an aggregator answers.
Does not: anything that a list says (`whale_assets.imports`), or how an answer becomes a price (`chain.prices`).

Addresses, symbols and decimals are the contracts' own and agree with the public token lists. Aggregators are those that
each feed's proxy names in `phaseAggregators`, as public code repeats them; each was seen in two independent places.
An aggregator that has been replaced falls silent, so none of these needs an end.
"""

from dataclasses import dataclass

HOUR = 3600
DAY = 86_400


@dataclass(frozen=True)
class Token:
    """A token by its address: a symbol is only a name, which anybody may give to another token."""

    address: str
    symbol: str
    decimals: int


ETHER = Token("0x0000000000000000000000000000000000000000", "ETH", 18)
"""Not a contract: the zero address stands for ether itself."""
WETH = Token("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "WETH", 18)
WBTC = Token("0x2260fac5e5542a773aa44fbcfedf7c193bc2c599", "WBTC", 8)
USDC = Token("0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "USDC", 6)
USDT = Token("0xdac17f958d2ee523a2206206994597c13d831ec7", "USDT", 6)
DAI = Token("0x6b175474e89094c44da98b954eedeac495271d0f", "DAI", 18)
OLD_DAI = Token("0x89d24a6b4ccb1b6faa2625fe562bdd9a23260359", "SAI", 18)

DOLLAR_COINS: tuple[Token, ...] = (
    USDC,
    USDT,
    DAI,
    OLD_DAI,
    Token("0x4fabb145d64652a948d72533023f6e7a623c7c53", "BUSD", 18),
    Token("0x0000000000085d4780b73119b644ae5ecd22b376", "TUSD", 18),
    Token("0x8e870d67f660d95d5be530380d0ec0bd388289e1", "USDP", 18),
    Token("0x056fd409e1d7a124bd7017459dfea2f387b6d5cd", "GUSD", 2),
    Token("0x853d955acef822db058eb8505911ed77f175b99e", "FRAX", 18),
    Token("0x5f98805a4e8be255a32880fdec7f6728c6568ba0", "LUSD", 18),
    Token("0x6c3ea9036406852006290770bedfcaba0e23a0e8", "PYUSD", 6),
    Token("0x4c9edd5852cd905f086c759e8383e09bff1e68b3", "USDe", 18),
    Token("0xdc035d45d973e3ec169d2276ddab16f1e407384f", "USDS", 18),
)
TOKENS: tuple[Token, ...] = (ETHER, WETH, WBTC, *DOLLAR_COINS)
MONEY: tuple[Token, ...] = (WBTC, *DOLLAR_COINS)
"""Tokens whose minting is what a transaction is about, not the receipt for something else."""


@dataclass(frozen=True)
class Feed:
    """One aggregator: the contract that logs `AnswerUpdated`. Its proxy, which people know, logs nothing."""

    aggregator: str
    base: str
    tokens: tuple[Token, ...]
    """What the answer prices: WETH is ether in a wrapper, and WBTC is redeemed in bitcoin."""
    heartbeat: int
    """Seconds after which a new answer comes even where the price has hardly moved."""
    quote: str = "USD"
    decimals: int = 8
    """Of the answer: a feed quoted in ether has 18, and is not among these."""


FEEDS: tuple[Feed, ...] = (
    # Proxy 0x5f4ec3df9cbd43714fe2740f5e3616155c5b8419, oldest first. The first two kept slower heartbeats.
    Feed("0xf79d6afbb6da890132f9d7c355e3015f15f3406f", "ETH", (ETHER, WETH), 2 * HOUR),
    Feed("0x00c7a37b03690fb9f41b5c5af8131735c7275446", "ETH", (ETHER, WETH), 3 * HOUR),
    Feed("0xd3fcd40153e56110e6eeae13e12530e26c9cb4fd", "ETH", (ETHER, WETH), HOUR),
    Feed("0x37bc7498f4ff12c19678ee8fe19d713b87f6a9e6", "ETH", (ETHER, WETH), HOUR),
    Feed("0xe62b71cf983019bff55bc83b48601ce8419650cc", "ETH", (ETHER, WETH), HOUR),
    Feed("0x7d4e742018fb52e48b08be73d041c18b21de6fb5", "ETH", (ETHER, WETH), HOUR),
    # Proxy 0xf4030086522a5beea4988f8ca5b36dbc97bee88c.
    Feed("0xf5fff180082d6017036b771ba883025c654bc935", "BTC", (WBTC,), HOUR),
    Feed("0xf570deefff684d964dc3e15e1f9414283e3f7419", "BTC", (WBTC,), 3 * HOUR),
    Feed("0x7104ac4abcecf1680f933b04c214b0c491d43ecc", "BTC", (WBTC,), HOUR),
    Feed("0xae74faa92cb67a95ebcab07358bc222e33a34da7", "BTC", (WBTC,), HOUR),
    Feed("0xdbe1941bfbe4410d6865b9b7078e0b49af144d2d", "BTC", (WBTC,), HOUR),
    Feed("0x4a3411ac2948b33c69666b35cc6d055b27ea84f1", "BTC", (WBTC,), HOUR),
    # Proxy 0x8fffffd4afb6115b954bd326cbe7b4ba576818f6.
    Feed("0x3b15a92872435c01c27201aae0968839fb45217d", "USDC", (USDC,), DAY),
    Feed("0x789190466e21a8b78b8027866cbbdc151542a26c", "USDC", (USDC,), DAY),
    Feed("0xc9e1a09622afdb659913fefe800feae5dbbfe9d7", "USDC", (USDC,), DAY),
    # Proxy 0x3e7d1eab13ad0104d2750b8863b489d65364e32d.
    Feed("0xa964273552c1dba201f5f000215f5bd5576e8f93", "USDT", (USDT,), DAY),
    Feed("0x0d5f4aadf3fde31bbb55db5f42c080f18ad54df5", "USDT", (USDT,), DAY),
    # Proxy 0xaed0c38402a5d19df6e4c03f4e2dced6e29c1ee9.
    Feed("0xdec0a100ead1faa37407f0edc76033426cf90b82", "DAI", (DAI,), HOUR),
    Feed("0x478238a1c8b862498c74d0647329aef9ea6819ed", "DAI", (DAI,), HOUR),
    Feed("0x709783ab12b65fd6cd948214eee6448f3bdd72a3", "DAI", (DAI,), HOUR),
)
