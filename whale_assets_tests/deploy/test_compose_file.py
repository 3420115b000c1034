"""What docker-compose.yml promises of every service: nobody else on the network, no secret in it, bounds, health."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from whale_assets_tests.deploy.compose import CONTENT, LASTING, OURS, PROFILES, SERVICES, TEXT, TOP, Service

each = pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
each_lasting = pytest.mark.parametrize("service", LASTING.values(), ids=lambda service: service.name)

DEPLOYED_AS = [["all"], ["live"], ["services"], ["all", "node"], ["live", "node"], ["services", "node"], ["backup"]]


def compose(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("needs docker-compose: `make services` installs it")
    return subprocess.run([command, *words], cwd=project, check=False, capture_output=True, text=True)


@pytest.mark.services
@pytest.mark.parametrize("profiles", DEPLOYED_AS, ids="+".join)
def test_docker_compose_understands_every_profile(project: Path, profiles: list[str]) -> None:
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    result = compose(project, *chosen, "config", "--quiet")
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


@pytest.mark.services
def test_docker_compose_reads_the_settings_that_were_made(project: Path) -> None:
    settings = (project / ".env").read_text()
    code = yaml.safe_load(compose(project, "--profile", "all", "config").stdout)["services"]["code"]
    assert f"\nOWNER={code['user']}\n" in settings
    assert f"\nWHALE_NODE_URL={code['environment']['WHALE_NODE_URL']}\n" in settings


def test_every_profile_is_deployed_somehow() -> None:
    assert sorted({profile for profiles in DEPLOYED_AS for profile in profiles}) == PROFILES


@pytest.mark.parametrize("profile", ["all", "live", "services"])
def test_what_a_service_waits_for_is_started_with_it(profile: str) -> None:
    started = {name for name, service in SERVICES.items() if profile in service.profiles}
    assert {needed for name in started for needed in SERVICES[name].needs} <= started


@each
def test_what_a_service_waits_for_can_come_true(service: Service) -> None:
    for name, condition in service.needs.items():
        ends = SERVICES[name].ends
        assert condition == ("service_completed_successfully" if ends else "service_healthy")


@each
def test_ports_are_this_machines_alone(service: Service) -> None:
    for port in service.said.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


def test_no_two_services_want_the_same_port() -> None:
    ports = [port.split(":")[1] for service in SERVICES.values() for port in service.said.get("ports", [])]
    assert len(ports) == len(set(ports))


@each
def test_what_a_service_may_take_is_bounded(service: Service) -> None:
    assert re.fullmatch(r"\d+g", service.said["mem_limit"])
    assert service.said["cpus"] <= 2
    log = service.said["logging"]
    assert log["driver"] == "json-file"
    assert log["options"].keys() == {"max-size", "max-file"}


@each_lasting
def test_a_service_that_lasts_tells_how_it_is_and_comes_back(service: Service) -> None:
    check = service.said["healthcheck"]
    assert service.health
    assert check.keys() == {"test", "interval", "timeout", "retries", "start_period"}
    assert service.said["restart"] == "unless-stopped"


@each
def test_a_service_names_an_exact_version(service: Service) -> None:
    if not service.is_ours:
        assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+", service.said["image"])


@pytest.mark.parametrize(("image", "script"), [("apache/kafka:", "kafka"), ("ethereum/client-go:v", "geth")])
def test_versions_are_those_that_tests_are_made_on(image: str, script: str) -> None:
    [version] = re.findall(r"^version=(\S+)$", (TOP / "deploy" / "services" / f"{script}.sh").read_text(), re.MULTILINE)
    assert image + version in {service.said["image"] for service in SERVICES.values()}


@pytest.mark.parametrize("service", OURS.values(), ids=lambda service: service.name)
def test_our_own_services_run_with_no_rights_to_spare(service: Service) -> None:
    assert service.said["user"].startswith("${OWNER:?")
    assert service.said["cap_drop"] == ["ALL"]
    assert service.said["security_opt"] == ["no-new-privileges:true"]
    assert service.said["init"] is True


@each
def test_a_service_is_given_the_secrets_that_it_names_and_no_others(service: Service) -> None:
    said = repr({name: value for name, value in service.said.items() if name != "secrets"})
    assert set(re.findall(r"/run/secrets/([\w.-]+)", said)) == set(service.secrets)


def test_secrets_are_files_that_the_script_makes(project: Path) -> None:
    for name, secret in CONTENT["secrets"].items():
        assert secret == {"file": f".whale/secrets/{name}"}
        assert (project / secret["file"]).stat().st_mode & 0o777 == 0o600


def test_there_is_no_password_and_no_default_for_one() -> None:
    for line in TEXT.splitlines():
        assert not re.search(r"passw\w*\W+\w*=|PASSWORD: |:[^/@\s]+@", line, re.IGNORECASE), line
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == {"OWNER"}
    assert ":-" not in TEXT
