"""A network between clients and a server's Unix socket that can be cut, or can fall silent.

Belongs here: passing bytes on, or not. Does not: what is at either end.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

BLOCK = 65_536


class Network:
    """Passes on what comes at `front` to `back`; `cut` and `silence` end every connection, the latter unsaid."""

    def __init__(self, front: Path, back: Path) -> None:
        self.front, self.back = front, back
        self.is_up = Event()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop
        self._open: set[asyncio.StreamWriter] = set()
        self._is_silent: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Ends all connections, as a server does that goes away."""
        self._in_loop(self._cut)

    def silence(self) -> None:
        """From now on nothing comes through the connections that are open, and nobody is told; new ones work."""
        self._in_loop(lambda: self._is_silent.update(self._open))

    def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(BLOCK):
                if writer not in self._is_silent:
                    writer.write(block)
                    await writer.drain()
        writer.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_unix_connection(str(self.back))
        except OSError:
            writer.close()
            return
        ends = {writer, back}
        self._open |= ends
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        self._open -= ends
        self._is_silent -= ends

    def run(self) -> None:
        """Until `stop`."""
        asyncio.run(self._serve())

    def stop(self) -> None:
        """Ends it."""
        self._in_loop(self._ending.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_unix_server(self._connected, str(self.front))
        self.is_up.set()
        await self._ending.wait()
        server.close()
        self._cut()

    def _in_loop(self, action: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(action)


@contextmanager
def network(front: Path, back: Path) -> Iterator[Network]:
    """A network that works, until it is told otherwise."""
    made = Network(front, back)
    thread = Thread(target=made.run)
    thread.start()
    made.is_up.wait()
    try:
        yield made
    finally:
        made.stop()
        thread.join()
