"""The services of docker-compose.yml, started with their own commands and settings, are well by their own checks."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from whale_assets_tests.deploy.compose import OURS, Service
from whale_assets_tests.deploy.conftest import BLOCKS, FIRST
from whale_assets_tests.deploy.machine import BIN, Around, Machine, in_order, started

pytestmark = pytest.mark.services

LASTING = [service for service in in_order() if not service.ends]


@pytest.fixture(scope="module")
def machine(around: Around) -> Iterator[Machine]:
    with started(Machine(around)) as made:
        yield made


@pytest.mark.parametrize("service", LASTING, ids=lambda service: service.name)
def test_a_service_is_well_by_its_own_check(machine: Machine, service: Service) -> None:
    assert machine.becomes_well(service), machine.log(service).read_text()[-3000:]


def test_kafka_takes_large_blocks_at_the_port_for_containers(around: Around) -> None:
    block = os.urandom(15 << 20)
    address = f"127.0.0.1:{around.ports['19092']}"
    producer = KafkaProducer(bootstrap_servers=address, max_request_size=16 << 20)
    sent = producer.send("large", block).get(timeout=60)
    producer.close()
    assert sent.serialized_value_size == len(block)


PORT = r"(?<!\d)(3000|4266|9464|19092)(?!\d)"


@pytest.mark.parametrize(
    "service",
    [service for service in LASTING if re.search(PORT, " ".join(service.health))],
    ids=lambda service: service.name,
)
def test_where_nobody_listens_a_service_is_not_well(machine: Machine, service: Service) -> None:
    asked_elsewhere = [re.sub(PORT, "9", word) for word in service.health]
    assert machine.run(service, *asked_elsewhere).returncode != 0


def test_a_deployment_is_shut_down_with_a_backup_that_can_be_restored(machine: Machine, tmp_path: Path) -> None:
    code = OURS["code"]
    filled = machine.run(code, "whale-assets", "backfill", "--from", str(FIRST), "--to", str(FIRST + BLOCKS - 1))
    assert filled.returncode == 0, filled.stderr
    running_before = [name for name, process in machine.processes.items() if process.poll() is None]

    script = str(machine.project / "deploy" / "shutdown.sh")
    ended = machine.run(code, script, "--wait", "60", str(tmp_path / "backups"))
    assert ended.returncode == 0, ended.stderr
    for name in running_before:
        assert f"stopping {name}, process {machine.processes[name].pid}" in ended.stderr
        machine.processes[name].wait(timeout=5)

    [backup] = (tmp_path / "backups").glob("*.tar")
    settings = {"WHALE_SQL_URL": f"sqlite:///{tmp_path}/whale.db", "WHALE_LAKE": str(tmp_path / "lake")}
    restored = subprocess.run(
        [BIN / "whale-assets", "restore", backup],
        env={**machine.environment(code), **settings},
        check=False,
        capture_output=True,
        text=True,
    )
    assert restored.returncode == 0, restored.stderr
