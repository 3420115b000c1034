"""One small seeded change to an answer: what a sloppy node, proxy or cable may do to JSON.

Belongs here: drop, repeat, swap, alter, truncate, anywhere in the tree. Does not: faults with a meaning (`faults/`).
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

Path = tuple[str | int, ...]


class Spot(NamedTuple):
    """A dict or list in a tree, and the way to it."""

    path: Path
    holder: Any

    def name(self, key: str | int) -> str:
        """Where one of its values is, such as `data.blocks.3.hash`."""
        return ".".join(map(str, (*self.path, key)))


def mutate(answer: bytes, chance: Random) -> tuple[bytes, str]:
    """A changed answer, and what was changed. It always differs from `answer`, which is JSON with something in it."""
    kind = chance.choice(("drop", "repeat", "swap", "alter", "truncate"))
    if kind == "truncate":
        length = chance.randrange(len(answer))
        return answer[:length], f"truncate to {length} of {len(answer)} bytes"
    tree = msgspec.json.decode(answer)
    change = CHANGES[kind]
    suited = [spot for spot in _spots((), tree) if _suits(kind, spot.holder)]
    if not suited:
        change, suited = _drop, [spot for spot in _spots((), tree) if spot.holder]
    what = change(chance.choice(suited), chance)
    return msgspec.json.encode(tree), what


def _spots(path: Path, value: Any) -> Iterator[Spot]:
    """Every dict and list of a tree."""
    if isinstance(value, dict | list):
        yield Spot(path, value)
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _spots((*path, key), inner)


def _suits(kind: str, holder: Any) -> bool:
    if kind == "repeat":
        return isinstance(holder, list) and len(holder) > 0
    if kind == "swap":
        return any(value != first for first in _values(holder)[:1] for value in _values(holder))
    return len(holder) > 0 and (kind != "alter" or any(not isinstance(value, dict | list) for value in _values(holder)))


def _values(holder: Any) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else holder


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


def _drop(spot: Spot, chance: Random) -> str:
    key = chance.choice(_keys(spot.holder))
    del spot.holder[key]
    return f"drop {spot.name(key)}"


def _repeat(spot: Spot, chance: Random) -> str:
    key = chance.choice(_keys(spot.holder))
    spot.holder.insert(key, spot.holder[key])
    return f"repeat {spot.name(key)}"


def _swap(spot: Spot, chance: Random) -> str:
    first = chance.choice(_keys(spot.holder))
    others = [key for key in _keys(spot.holder) if spot.holder[key] != spot.holder[first]]
    second = chance.choice(others)
    spot.holder[first], spot.holder[second] = spot.holder[second], spot.holder[first]
    return f"swap {spot.name(first)} and {spot.name(second)}"


def _alter(spot: Spot, chance: Random) -> str:
    key = chance.choice([key for key in _keys(spot.holder) if not isinstance(spot.holder[key], dict | list)])
    before = spot.holder[key]
    spot.holder[key] = chance.choice([value for value in _near(before, chance) if value != before])
    return f"alter {spot.name(key)}: {_short(before)} to {_short(spot.holder[key])}"


def _near(value: Any, chance: Random) -> Iterator[Any]:
    """What a scalar may turn into: another digit, another length, another type, nothing."""
    yield from (None, True, 7, "0x", "0x" + "f" * 65, [])
    if isinstance(value, str) and value:
        place = chance.randrange(len(value))
        yield value[:place] + chance.choice("0123456789abcdefg") + value[place + 1 :]
        yield value[:-1]
        yield value + "0"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 24 else f"{text[:20]}…"


CHANGES: dict[str, Callable[[Spot, Random], str]] = {"drop": _drop, "repeat": _repeat, "swap": _swap, "alter": _alter}
