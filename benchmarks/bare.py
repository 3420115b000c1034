"""Bare HTTP: the requests of a backfill, with nothing done to the answers.

Belongs here: the same bodies, batches and concurrency as the sources', by urllib3 and threads. Does not: decoding.
What a backfill reaches of this is what all its own work leaves over.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import click
import msgspec
import urllib3
from graphql import print_ast

from benchmarks.course import Course, Run
from whale_assets.chain.ranges import BlockRange
from whale_assets.settings import read_settings
from whale_assets.sources.graphql_queries import BLOCKS

HEADERS = {"Content-Type": "application/json"}


def fetch(course: Course, source: str) -> Run:
    """Asks for all blocks of the course."""
    path, body_of = PLANS[source]
    settings = read_settings({})
    address = urllib3.util.parse_url(course.url)
    pool = urllib3.HTTPConnectionPool(address.host or "", address.port, maxsize=settings.node_concurrency)

    def ask(blocks: BlockRange) -> None:
        answer = pool.urlopen("POST", path, body=msgspec.json.encode(body_of(blocks)), headers=HEADERS, retries=False)
        if answer.status != 200 or b'"error' in answer.data[:100]:
            raise click.ClickException(f"geth answers HTTP {answer.status}: {answer.data[:200]!r}")

    started, started_cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(settings.node_concurrency) as threads:
        list(threads.map(ask, course.span.pieces(settings.node_batch)))
    pool.close()
    return Run(time.perf_counter() - started, time.process_time() - started_cpu)


def graphql(blocks: BlockRange) -> object:
    """The body of a request by GraphQL."""
    return {"query": print_ast(BLOCKS.request.document), "variables": {"first": blocks.first, "last": blocks.last}}


def jsonrpc(blocks: BlockRange) -> object:
    """The body of a request by JSON-RPC."""
    calls = [
        call
        for number in range(blocks.first, blocks.last + 1)
        for call in (("eth_getBlockByNumber", [hex(number), True]), ("eth_getBlockReceipts", [hex(number)]))
    ]
    return [
        {"jsonrpc": "2.0", "id": place, "method": method, "params": parameters}
        for place, (method, parameters) in enumerate(calls)
    ]


PLANS: Mapping[str, tuple[str, Callable[[BlockRange], object]]] = {
    "graphql": ("/graphql", graphql),
    "jsonrpc": ("/", jsonrpc),
}
