"""The simulated node on HTTP: starlette's routes, uvicorn's server.

Belongs here: paths, methods, content types, and running the server. Does not: what is answered.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from whale_assets.simulator import graphql, jsonrpc
from whale_assets.simulator.chain import SimulatedChain

HOST = "127.0.0.1"


def create_app(chain: SimulatedChain) -> Starlette:
    """The node as an ASGI application: JSON-RPC at `/`, GraphQL at `/graphql`."""

    async def answer_rpc(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body())
        except msgspec.DecodeError:
            return _json(jsonrpc.PARSE_ERROR)
        answer = jsonrpc.respond(chain, asked)
        return Response() if answer is None else _json(answer)

    async def answer_graphql(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=graphql.Asked)
        except msgspec.DecodeError as error:
            return Response(str(error), status_code=400, media_type="text/plain")
        answer = graphql.respond(chain, asked)
        return _json(answer, status_code=400 if "errors" in answer else 200)

    return Starlette(
        routes=[
            Route("/", answer_rpc, methods=["POST"]),
            Route("/graphql", answer_graphql, methods=["POST"]),
        ]
    )


def serve(chain: SimulatedChain, host: str = HOST, port: int = 8545) -> None:
    """Serve until interrupted."""
    uvicorn.run(create_app(chain), host=host, port=port, log_level="warning", access_log=False)


@contextmanager
def running(chain: SimulatedChain, port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process on a free port, and give the URL; it answers from the first moment on."""
    with socket.create_server((HOST, port)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(chain), log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],), name="simulated node", daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def _json(tree: object, status_code: int = 200) -> Response:
    return Response(msgspec.json.encode(tree), status_code=status_code, media_type="application/json")
