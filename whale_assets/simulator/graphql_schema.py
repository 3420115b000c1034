"""The part of geth's GraphQL schema that can be answered from blocks, transactions, receipts and logs alone.

Belongs here: types and fields, as EIP-1767 and geth name them. Does not: how they are answered.
What needs state (balances, calls), RLP or pending transactions is left out: asking for it is an unknown field.
"""

from graphql import build_schema

SCHEMA = build_schema("""
scalar Bytes32
scalar Address
scalar Bytes
scalar BigInt
scalar Long

type Account { address: Address! }

type Log {
  index: Long!
  account(block: Long): Account!
  topics: [Bytes32!]!
  data: Bytes!
  transaction: Transaction!
}

type AccessTuple { address: Address! storageKeys: [Bytes32!]! }

type Withdrawal { index: Long! validator: Long! address: Address! amount: Long! }

type Transaction {
  hash: Bytes32!
  nonce: Long!
  index: Long
  from(block: Long): Account!
  to(block: Long): Account
  value: BigInt!
  gasPrice: BigInt!
  maxFeePerGas: BigInt
  maxPriorityFeePerGas: BigInt
  maxFeePerBlobGas: BigInt
  gas: Long!
  inputData: Bytes!
  block: Block
  status: Long
  gasUsed: Long
  cumulativeGasUsed: Long
  effectiveGasPrice: BigInt
  blobGasUsed: Long
  blobGasPrice: BigInt
  createdContract(block: Long): Account
  logs: [Log!]
  r: BigInt!
  s: BigInt!
  v: BigInt!
  yParity: BigInt
  type: Long
  accessList: [AccessTuple!]
  blobVersionedHashes: [Bytes32!]
}

input BlockFilterCriteria { addresses: [Address!] topics: [[Bytes32!]!] }

type Block {
  number: Long!
  hash: Bytes32!
  parent: Block
  nonce: Bytes!
  transactionsRoot: Bytes32!
  transactionCount: Long
  stateRoot: Bytes32!
  receiptsRoot: Bytes32!
  miner(block: Long): Account!
  extraData: Bytes!
  gasLimit: Long!
  gasUsed: Long!
  baseFeePerGas: BigInt
  timestamp: Long!
  logsBloom: Bytes!
  mixHash: Bytes32!
  difficulty: BigInt!
  ommerCount: Long
  ommerHash: Bytes32!
  transactions: [Transaction!]
  transactionAt(index: Long!): Transaction
  logs(filter: BlockFilterCriteria!): [Log!]!
  withdrawalsRoot: Bytes32
  withdrawals: [Withdrawal!]
  blobGasUsed: Long
  excessBlobGas: Long
}

input FilterCriteria { fromBlock: Long toBlock: Long addresses: [Address!] topics: [[Bytes32!]!] }

type SyncState { startingBlock: Long! currentBlock: Long! highestBlock: Long! }

type Query {
  block(number: Long, hash: Bytes32): Block
  blocks(from: Long, to: Long): [Block!]!
  transaction(hash: Bytes32!): Transaction
  logs(filter: FilterCriteria!): [Log!]!
  syncing: SyncState
  chainID: BigInt!
}
""")
