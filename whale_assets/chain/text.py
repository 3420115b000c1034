"""Text from outside, made harmless.

Belongs here: what of a name may be shown at all. Does not: how much of it there is room for (`cli/numbers.py`).
"""


def printable(text: str) -> str:
    """The text without what would move a cursor, colour a screen, break a line or turn its direction.

    That is all of Unicode's control, format and private characters, halves of surrogates, and separators but the plain
    space.
    """
    return text if text.isprintable() else "".join(filter(str.isprintable, text))
