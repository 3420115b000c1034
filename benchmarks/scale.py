"""How memory and time grow with the number of blocks.

Belongs here: the peak of one range, and the slope of time. Does not: speed itself.
"""

from collections.abc import Iterator
from math import log
from statistics import linear_regression

from benchmarks.backfill import backfill, start_up
from benchmarks.course import Course
from benchmarks.report import Figure, Goal

LENGTHS = (500, 1_000, 2_000, 5_000)


def peak_memory(course: Course) -> Iterator[Figure]:
    """The most memory that a backfill of one range holds."""
    one_range = course.of(course.range_size)
    peak = backfill(one_range, course.recommended_source).peak_bytes
    yield Figure(f"peak memory, a range of {one_range.blocks:,}", peak / 2**20, "MiB", Goal(most=1024))


def growth(course: Course) -> Iterator[Figure]:
    """The slope of time over blocks, both as logarithms: 1 is in proportion.

    The start-up is left out: being the same for all lengths, it would hide how the rest grows.
    """
    source, idle = course.recommended_source, start_up(course).seconds
    lengths = [length for length in LENGTHS if length <= course.most_blocks]
    if len(lengths) < 2:
        lengths = [course.blocks // 2, course.blocks]
    seconds = {length: backfill(course.of(length), source).seconds - idle for length in lengths}
    slope, _ = linear_regression([log(length) for length in lengths], [log(each) for each in seconds.values()])
    name = f"growth from {lengths[0]:,} to {lengths[-1]:,} blocks"
    yield Figure(name, slope, "", Goal(0.9, 1.1), {f"{length:,} blocks, s": each for length, each in seconds.items()})
