"""Every error a person can meet, in two families: asking again may help, or it will not.

Belongs here: the classes, and what each one means. Does not: where they are raised, or how they are printed.
A message says what was asked, what came and what to do; it never holds a node's URL.
"""


class WhaleError(Exception):
    """The base of all: its text is for the person, printed as one line; exit code 1."""

    exit_code = 1


class WrongUse(WhaleError):
    """The command or a setting was used wrongly: nothing was touched; exit code 2."""

    exit_code = 2


class AskAgain(WhaleError):
    """Asking the node again, for less or later, may help."""


class NodeLimited(AskAgain):
    """The node is busy, cut the connection, was too slow or refused the size of a request."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds the node asked us to wait, if it did."""


class NodeSlow(NodeLimited):
    """The node did not answer within the time allowed."""


class BadAnswer(AskAgain):
    """The answer is incomplete, malformed or contradicts itself; it was not stored."""


class NodeError(WhaleError):
    """The node answers in a way that no repetition cures."""


class NodeUnreachable(NodeError):
    """Nothing that can be talked to: no such host, refused, TLS trouble, a wrong scheme."""


class NodeRefused(NodeError):
    """Something answered, but not as an Ethereum node does: 401, 403, 404, a web page, an unknown method."""


class BlocksMissing(NodeError):
    """The node does not hold these blocks: pruned, still syncing, or past its head."""


class BlocksNotYet(BlocksMissing):
    """The node does not hold these blocks yet: still syncing, or past its head."""


class WrongChain(WhaleError):
    """The store belongs to another chain than the node."""


class FinalityBroken(WhaleError):
    """A block that was final is no longer on the node's chain: nothing is changed, a person must look."""


class StoreError(WhaleError):
    """The SQL store or the lake cannot be read or written as asked."""


class StoreUnfit(StoreError):
    """The database is not as it must be: too old, without tables, or a table takes a row only altered.

    Its text goes on where the database's name ends: `database.telling` says which one it is.
    """


class NotCertified(StoreError):
    """A range is asked for that has no certificate, or whose certificate changed meanwhile: materialize it again."""


class BadList(WhaleError):
    """An imported list has lines that cannot be taken."""


class KafkaFault(WhaleError):
    """The broker is away, refuses, or has no such topic; its text names the broker, never a password."""
