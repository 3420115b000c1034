"""A web server that answers as Dagster's would, with what a test tells it.

Belongs here: serving answers, and their form. Does not: what is expected.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any


@contextmanager
def dagster_that_answers(status: int, *answers: object) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The URL of a web server with these answers, in turn, and what it was asked."""
    asked: list[dict[str, Any]] = []
    waiting = iter(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/graphql"
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = json.dumps(next(waiting)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def answered(kind: str, **more: str) -> dict[str, object]:
    return {"data": {"launchPartitionBackfill": {"__typename": kind, **more}}}


def launched(name: str) -> dict[str, object]:
    return answered("LaunchBackfillSuccess", backfillId=name)
