"""Which process does a run, and whether it is still there.

Belongs here: the tag that says so. Does not: what is done about a run whose process is gone.
"""

import socket

import psutil

PROCESS_TAG = "whale_assets/process"
"""host, process id and its start: who does the run. A run of this host whose process is gone is dead."""


def process_tag(process: psutil.Process | None = None) -> str:
    """What names a process, or this one, beyond the reuse of its number."""
    process = process or psutil.Process()
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.0f}"


def is_here(tag: str) -> bool:
    """Whether a tag names a process of this host."""
    return tag.startswith(f"{socket.gethostname()}:")


def is_alive(tag: str) -> bool:
    """Whether a tag of this host names a process that runs."""
    try:
        return process_tag(psutil.Process(int(tag.split(":")[1]))) == tag
    except (psutil.Error, ValueError):
        return False
