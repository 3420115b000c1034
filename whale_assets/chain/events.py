"""The events whose logs are kept, in one list with a version.

Belongs here: names, signatures, topics, and which of them tell of a trade, of liquidity or of a bridge. Does not: how
an event is decoded, which is said where that is done.
"""

from collections.abc import Mapping

from eth_hash.auto import keccak

TOPICS_VERSION = 2
"""Raise it whenever the lists below change: certificates name it, so that older ranges are known to lack logs."""


def topic(signature: str) -> str:
    """The first topic of the logs of an event, from its canonical signature."""
    return "0x" + keccak(signature.encode()).hex()


def selector(signature: str) -> str:
    """What calls a function of a contract: the beginning of its signature's digest."""
    return topic(signature)[: len("0x") + 8]


def topics(*signatures: str) -> Mapping[str, str]:
    """Signatures by their first topic."""
    return {topic(signature): signature for signature in signatures}


TRANSFER = topic("Transfer(address,address,uint256)")
ETHER_LOGGER = "0x" + "f" * 39 + "e"
"""In whose name the chain logs ether from Amsterdam on (EIP-7708): it has neither key nor code, so no contract can."""
ANSWER_UPDATED = topic("AnswerUpdated(int256,uint256,uint256)")
"""Chainlink: current answer and round are indexed, the time is data."""

SWAPS = topics(
    # Uniswap v2 and its forks say what a pool holds after any change; v3; v4.
    "Sync(uint112,uint112)",
    "Swap(address,address,int256,int256,uint160,uint128,int24)",
    "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
    # Curve, by the age of its pools.
    "TokenExchange(address,int128,uint256,int128,uint256)",
    "TokenExchangeUnderlying(address,int128,uint256,int128,uint256)",
    "TokenExchange(address,uint256,uint256,uint256,uint256)",
    "TokenExchange(address,uint256,uint256,uint256,uint256,uint256,uint256)",
    # Balancer v2.
    "Swap(bytes32,address,address,uint256,uint256)",
)
"""A pool traded."""

LIQUIDITY = topics(
    # Uniswap v2 (and lenders that share its `Mint`), v3, v4.
    "Mint(address,uint256,uint256)",
    "Burn(address,uint256,uint256,address)",
    "Mint(address,address,int24,int24,uint128,uint256,uint256)",
    "Burn(address,int24,int24,uint128,uint256,uint256)",
    "Collect(address,address,int24,int24,uint128,uint128)",
    "ModifyLiquidity(bytes32,address,int24,int24,int256,bytes32)",
    # Curve, by the number of a pool's coins.
    "AddLiquidity(address,uint256[2],uint256[2],uint256,uint256)",
    "AddLiquidity(address,uint256[3],uint256[3],uint256,uint256)",
    "AddLiquidity(address,uint256[4],uint256[4],uint256,uint256)",
    "RemoveLiquidity(address,uint256[2],uint256[2],uint256)",
    "RemoveLiquidity(address,uint256[3],uint256[3],uint256)",
    "RemoveLiquidity(address,uint256[4],uint256[4],uint256)",
    "RemoveLiquidityOne(address,uint256,uint256)",
    "RemoveLiquidityOne(address,uint256,uint256,uint256)",
    "RemoveLiquidityImbalance(address,uint256[2],uint256[2],uint256,uint256)",
    "RemoveLiquidityImbalance(address,uint256[3],uint256[3],uint256,uint256)",
    "RemoveLiquidityImbalance(address,uint256[4],uint256[4],uint256,uint256)",
    # Balancer v2.
    "PoolBalanceChanged(bytes32,address,address[],int256[],uint256[])",
)
"""A pool's liquidity was changed by those who provide it."""

BRIDGES = topics(
    # Optimism's kind of chains: the bridge's two generations, both directions, and their portal.
    "ETHDepositInitiated(address,address,uint256,bytes)",
    "ETHBridgeInitiated(address,address,uint256,bytes)",
    "ERC20DepositInitiated(address,address,address,address,uint256,bytes)",
    "ERC20BridgeInitiated(address,address,address,address,uint256,bytes)",
    "ETHWithdrawalFinalized(address,address,uint256,bytes)",
    "ETHBridgeFinalized(address,address,uint256,bytes)",
    "ERC20WithdrawalFinalized(address,address,address,address,uint256,bytes)",
    "ERC20BridgeFinalized(address,address,address,address,uint256,bytes)",
    "TransactionDeposited(address,address,uint256,bytes)",
    "WithdrawalFinalized(bytes32,bool)",
    # Arbitrum: its bridge and its gateways.
    "MessageDelivered(uint256,bytes32,address,uint8,address,bytes32,uint256,uint64)",
    "DepositInitiated(address,address,address,uint256,uint256)",
    "WithdrawalFinalized(address,address,address,uint256,uint256)",
    "OutBoxTransactionExecuted(address,address,uint256,uint256)",
    # Polygon.
    "LockedEther(address,address,uint256)",
    "LockedERC20(address,address,address,uint256)",
    "ExitedEther(address,uint256)",
    "ExitedERC20(address,address,uint256)",
    # Across, Circle's own bridge, Hop.
    "V3FundsDeposited(address,address,uint256,uint256,uint256,uint32,uint32,uint32,uint32,address,address,address,bytes)",
    "DepositForBurn(uint64,address,uint256,address,bytes32,uint32,bytes32,bytes32)",
    "DepositForBurn(address,uint256,address,bytes32,uint32,bytes32,bytes32,uint256,uint32,bytes)",
    "MintAndWithdraw(address,uint256,address)",
    "TransferSentToL2(uint256,address,uint256,uint256,uint256,address,uint256)",
)
"""Value left for another chain, or came from one."""

KEPT_EVENTS: Mapping[str, str] = {
    TRANSFER: "Transfer(address,address,uint256)",
    ANSWER_UPDATED: "AnswerUpdated(int256,uint256,uint256)",
    **SWAPS,
    **LIQUIDITY,
    **BRIDGES,
    **topics(
        # The birth of a Uniswap v4 pool.
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
    ),
}
