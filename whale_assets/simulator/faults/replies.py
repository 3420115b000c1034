"""Faults of HTTP and of an answer's bytes.

Belongs here: replies given instead of an answer, and what becomes of an answer's bytes on their way. Does not: what the
answer says (`contents.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random

from starlette.responses import Response, StreamingResponse

from whale_assets.simulator.mutate import mutate

JSON = "application/json"
DRIP_SECONDS = 0.2

INSTEAD: dict[str, Callable[[], Response]] = {
    "unauthorized": lambda: Response('{"error":"invalid project id"}', 401, media_type=JSON),
    "forbidden": lambda: Response("this key may not be used from here", 403, media_type="text/plain"),
    "not_found": lambda: Response(status_code=404),
    "web_page": lambda: Response("<!DOCTYPE html><html><title>Welcome</title></html>", media_type="text/html"),
    "not_ethereum": lambda: Response('{"service":"teapot","status":"ok"}', media_type=JSON),
    "empty": lambda: Response(media_type=JSON),
    "too_many_requests": lambda: Response("slow down", 429, {"Retry-After": "1"}, "text/plain"),
    "unavailable": lambda: Response("<html><h1>503 Service Unavailable</h1></html>", 503, media_type="text/html"),
}
"""Replies that take no look at the request."""


def _promised(content: bytes) -> dict[str, str]:
    return {"Content-Length": str(len(content))}


async def _half(content: bytes) -> AsyncIterator[bytes]:
    yield content[: len(content) // 2]
    raise ConnectionAbortedError("cut on request")


async def _drops(content: bytes) -> AsyncIterator[bytes]:
    for place in range(len(content)):
        yield content[place : place + 1]
        await asyncio.sleep(DRIP_SECONDS)


ON_THE_WAY: dict[str, Callable[[bytes, Random], Response]] = {
    "cut": lambda content, _: StreamingResponse(_half(content), headers=_promised(content), media_type=JSON),
    "drip": lambda content, _: StreamingResponse(_drops(content), headers=_promised(content), media_type=JSON),
    "truncated": lambda content, _: Response(content[: len(content) * 2 // 3], media_type=JSON),
    "mutated": lambda content, chance: Response(mutate(content, chance)[0], media_type=JSON),
}
"""What becomes of an answer's bytes."""
