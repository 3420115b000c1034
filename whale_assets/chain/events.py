"""The events whose logs are kept, in one list with a version.

Belongs here: names, signatures, topics. Does not: what an event means, which is said where it is decoded.
"""

from eth_hash.auto import keccak

TOPICS_VERSION = 1
"""Raise it whenever the list below changes: certificates name it, so that older ranges are known to lack logs."""


def topic(signature: str) -> str:
    """The first topic of the logs of an event, from its canonical signature."""
    return "0x" + keccak(signature.encode()).hex()


TRANSFER = topic("Transfer(address,address,uint256)")
ANSWER_UPDATED = topic("AnswerUpdated(int256,uint256,uint256)")
"""Chainlink: current answer and round are indexed, the time is data."""

KEPT_EVENTS: dict[str, str] = {
    topic(signature): signature
    for signature in (
        "Transfer(address,address,uint256)",
        # Prices: Chainlink's answers; Uniswap v2, v3 and v4 pools, and the birth of a v4 pool.
        "AnswerUpdated(int256,uint256,uint256)",
        "Sync(uint112,uint112)",
        "Swap(address,address,int256,int256,uint160,uint128,int24)",
        "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
        "Initialize(bytes32,address,address,uint24,int24,address,uint160,int24)",
        # Value that moves without a Transfer: WETH, old DAI, USDT.
        "Deposit(address,uint256)",
        "Withdrawal(address,uint256)",
        "Mint(address,uint256)",
        "Burn(address,uint256)",
        "Issue(uint256)",
        "Redeem(uint256)",
        "DestroyedBlackFunds(address,uint256)",
        # Suspicion: sanctions, freezes by the issuer, a mixer's two doors.
        "SanctionedAddressesAdded(address[])",
        "SanctionedAddressesRemoved(address[])",
        "Blacklisted(address)",
        "AddedBlackList(address)",
        "Deposit(bytes32,uint32,uint256)",
        "Withdrawal(address,bytes32,address,uint256)",
    )
}
