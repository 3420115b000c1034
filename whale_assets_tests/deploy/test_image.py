"""The image: built from the Dockerfile, every role of the compose file runs from it, is well, and ends when told to."""

import signal
from collections.abc import Iterator

import pytest

from whale_assets_tests.deploy.compose import OURS, Service
from whale_assets_tests.deploy.image import InContainer, buildah
from whale_assets_tests.deploy.machine import Around, in_order, started

pytestmark = [pytest.mark.trial, pytest.mark.services]

LASTING = [service for service in in_order() if not service.ends]
each = pytest.mark.parametrize("service", LASTING, ids=lambda service: service.name)


@pytest.fixture(scope="module")
def machine(around: Around, container: str) -> Iterator[InContainer]:
    with started(InContainer(around, container)) as made:
        assert isinstance(made, InContainer)
        yield made


def test_the_image_is_run_by_nobody_of_importance(container: str) -> None:
    assert buildah("run", container, "--", "id", "-u") == "10001"


def test_the_image_tells_what_it_is_for(container: str) -> None:
    command = buildah("inspect", "--format", "{{.OCIv1.Config.Cmd}}", container)
    assert "Commands:" in buildah("run", container, "--", *command.strip("[]").split())


def test_nothing_that_is_not_needed_is_in_the_image(container: str) -> None:
    here = buildah(
        "run", container, "--", "sh", "-c", "ls -A /build /opt/dagster /var/lib/whale /root 2>/dev/null || true"
    )
    assert here.split() == ["/opt/dagster:", "dagster.yaml", "storage", "workspace.yaml", "/var/lib/whale:"]


@each
def test_a_role_is_well_by_its_own_check(machine: InContainer, service: Service) -> None:
    assert machine.becomes_well(service), machine.log(service).read_text()[-3000:]


def test_a_backup_is_made(machine: InContainer) -> None:
    filled = machine.run(OURS["code"], "whale-assets", "backfill", "--from", "1000", "--to", "1029")
    assert filled.returncode == 0, filled.stderr
    ended = machine.run(OURS["backup"])
    assert ended.returncode == 0, ended.stderr
    assert list((machine.project / ".whale" / "backups").glob("*.tar"))


@each
def test_a_role_ends_when_told_to(machine: InContainer, service: Service) -> None:
    assert machine.ended(service) == (128 + signal.SIGTERM if service == OURS["watch"] else 0)
