"""The simulated node on HTTP: starlette's routes, uvicorn's server.

Belongs here: paths, status codes, faults between request and answer, and running the server. Does not: answers.
"""

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from whale_assets.errors import WrongUse
from whale_assets.simulator import graphql, jsonrpc
from whale_assets.simulator.chain import SimulatedChain
from whale_assets.simulator.control import steer
from whale_assets.simulator.faults import Faults, Protocol
from whale_assets.simulator.faults.contents import IN_ANSWERS, IN_BLOCKS
from whale_assets.simulator.faults.limits import LimitReached, Meter, refusal
from whale_assets.simulator.faults.replies import INSTEAD, JSON, ON_THE_WAY
from whale_assets.simulator.faults.view import FaultyView

HOST = "127.0.0.1"
Respond = Callable[[SimulatedChain, Any], Any]


def create_app(chain: SimulatedChain, faults: Faults) -> Starlette:
    """The node as an ASGI application: JSON-RPC at `/`, GraphQL at `/graphql`, its reins at `/simulator`."""

    def endpoint(protocol: Protocol, respond: Respond) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return _reply(chain, faults, protocol, respond, await request.body())

        return answer

    def query(seen: SimulatedChain, asked: graphql.Asked) -> Any:
        return graphql.respond(seen, asked, faults.decimal_longs)

    async def control(request: Request) -> Response:
        try:
            return Response(msgspec.json.encode(steer(chain, faults, await request.body())), media_type=JSON)
        except WrongUse as wrong:
            return Response(str(wrong), status_code=400, media_type="text/plain")

    return Starlette(
        routes=[
            Route("/", endpoint("jsonrpc", jsonrpc.respond), methods=["POST"]),
            Route("/graphql", endpoint("graphql", query), methods=["POST"]),
            Route("/simulator", control, methods=["POST"]),
        ]
    )


def serve(chain: SimulatedChain, host: str = HOST, port: int = 8545) -> None:
    """Serve until interrupted."""
    uvicorn.run(create_app(chain, Faults()), host=host, port=port, log_level="warning", access_log=False)


@contextmanager
def running(chain: SimulatedChain, faults: Faults | None = None, port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process, on a free port unless told, and give the URL, which answers at once.

    Chain and faults may be changed meanwhile.
    """
    app = create_app(chain, faults or Faults())
    with socket.create_server((HOST, port)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],), name="simulated node", daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def _reply(chain: SimulatedChain, faults: Faults, protocol: Protocol, respond: Respond, body: bytes) -> Response:
    """One request from its bytes to its reply, by way of the fault that is due."""
    kind = faults.due(protocol, body)
    if kind in INSTEAD:
        return INSTEAD[kind]()
    if not body:
        return Response()
    try:
        asked = msgspec.json.decode(body, type=graphql.Asked if protocol == "graphql" else Any)
    except msgspec.DecodeError as error:
        return _misread(protocol, error)
    answer = _answer(chain, faults, kind, respond, asked)
    if answer is None:
        return Response()
    content = msgspec.json.encode(answer)
    if kind in ON_THE_WAY:
        return ON_THE_WAY[kind](content, faults.chance)
    failed = protocol == "graphql" and "errors" in answer
    return Response(content, status_code=400 if failed else 200, media_type=JSON)


def _misread(protocol: Protocol, error: msgspec.DecodeError) -> Response:
    if protocol == "graphql":
        return Response(str(error), status_code=400, media_type="text/plain")
    return Response(msgspec.json.encode(jsonrpc.PARSE_ERROR), media_type=JSON)


def _answer(chain: SimulatedChain, faults: Faults, kind: str | None, respond: Respond, asked: Any) -> Any:
    seen = chain
    if faults.limit:
        seen = FaultyView(seen, Meter(faults.limit))
    if kind in IN_BLOCKS:
        seen = FaultyView(seen, IN_BLOCKS[kind])
    try:
        answer = respond(seen, asked)
    except LimitReached as reached:
        return refusal(asked, reached.limit)
    if kind in IN_ANSWERS:
        IN_ANSWERS[kind](answer)
    return answer
