"""`deploy/secrets.sh`: what it makes is for its owner's eyes alone, is random, and stays."""

import os
import re
from pathlib import Path

import pytest

from whale_assets_tests.deploy.project import copied, make_secrets

FILES = {"owner.cnf", "writer.cnf", "reader.cnf", "dagster.cnf", "accounts.sql", "mysql-root", "jwt.hex"}
OWNER = "10001:10001" if os.geteuid() == 0 else f"{os.getuid()}:{os.getgid()}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied(tmp_path)


def contents(project: Path) -> dict[str, str]:
    """Of every file that was made."""
    return {file.name: file.read_text() for file in [*(project / ".whale" / "secrets").iterdir(), project / ".env"]}


def test_what_it_makes_is_for_its_owner_alone(project: Path) -> None:
    said = make_secrets(project)
    assert contents(project).keys() == FILES | {".env"}
    secrets = project / ".whale" / "secrets"
    assert {file.stat().st_mode & 0o777 for file in [*secrets.iterdir(), project / ".env"]} == {0o600}
    assert secrets.stat().st_mode & 0o777 == 0o700
    for text in contents(project).values():
        for secret in re.findall(r"^password=(.*)$|^([0-9a-f]{64})$", text, re.MULTILINE):
            assert "".join(secret) not in said


def test_containers_can_read_and_write_what_was_made(project: Path) -> None:
    make_secrets(project)
    assert f"\nOWNER={OWNER}\n" in (project / ".env").read_text()
    for path in [
        *(project / ".whale" / "secrets").iterdir(),
        project / ".whale" / "mysqld",
        project / ".whale" / "backups",
    ]:
        assert f"{path.stat().st_uid}:{path.stat().st_gid}" == OWNER


def test_nothing_that_is_there_is_made_again(project: Path) -> None:
    make_secrets(project)
    (project / ".env").write_text("WHALE_NODE_URL=http://mine:8545\n")
    before = contents(project)
    assert make_secrets(project) == ""
    assert contents(project) == before


def test_what_lacks_is_made(project: Path) -> None:
    make_secrets(project)
    before = contents(project)
    (project / ".whale" / "secrets" / "jwt.hex").unlink()
    assert make_secrets(project) == "made .whale/secrets/jwt.hex\n"
    after = contents(project)
    assert after.pop("jwt.hex") != before.pop("jwt.hex")
    assert after == before


def test_two_deployments_share_no_secret(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        make_secrets(copied(folder))
    for name in FILES:
        assert contents(one)[name] != contents(other)[name]


def test_the_accounts_of_the_server_have_the_passwords_of_the_files(project: Path) -> None:
    make_secrets(project)
    made = contents(project)
    for account in ("owner", "writer", "reader", "dagster"):
        [password] = re.findall(r"^password=(.*)$", made[f"{account}.cnf"], re.MULTILINE)
        assert f"IDENTIFIED BY '{password}'" in made["accounts.sql"]
