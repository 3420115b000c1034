"""A process that backs up, or restores, and is killed in the middle: FOLDER PHASE STEPS [ARCHIVE].

Belongs here: dying at a step. Does not: what must be true afterwards.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from whale_assets.backups import pieces
from whale_assets.backups.making import back_up
from whale_assets.backups.progress import Advance, Phase
from whale_assets.backups.restoring import restore
from whale_assets_tests.backups.conftest import SMALL_PIECE
from whale_assets_tests.backups.made import opened


def dying(dies_in: str, dies_after: int) -> Phase:
    """Dies in that phase, when so many of its steps are done."""

    def begin(what: str, _total: int | None) -> Advance:
        done = count()

        def advance(_steps: int) -> None:
            if what == dies_in and next(done) == dies_after:
                os.kill(os.getpid(), signal.SIGKILL)

        advance(0)
        return advance

    return begin


def main(folder: str, dies_in: str, dies_after: str, *archive: str) -> None:
    """Opens the stores in the folder and does it."""
    pieces.PIECE = SMALL_PIECE
    stores, phase = opened(Path(folder)), dying(dies_in, int(dies_after))
    if archive:
        restore(stores, Path(archive[0]), True, True, phase)
    else:
        back_up(stores, Path(folder) / "backup", 1, True, phase)


if __name__ == "__main__":
    main(*sys.argv[1:])
