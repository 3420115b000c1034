"""A real MySQL or MariaDB, started for tests on a data folder of its own, from what `make services` installed.

Belongs here: starting it, killing it, making it databases and accounts. Does not: what a test asks of it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import mysql.connector
import psutil
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from whale_assets_tests.services.geth import SERVICES
from whale_assets_tests.services.ports import free_port

Kind = Literal["mysql", "mariadb"]

ACCOUNTS = Path(__file__).parents[2] / "deploy" / "mysql" / "accounts.sh"
ROOT = {"user": "root", "password": ""}
COMMAND = {
    "mysql": ("mysqld", "--no-defaults", "--mysqlx=OFF", "--secure-file-priv=NULL"),
    "mariadb": ("mariadbd", "--no-defaults"),
}
SMALL = ("--innodb-buffer-pool-size=64M", "--performance-schema=OFF")


@contextmanager
def run_server(kind: Kind, *options: str) -> Iterator["Server"]:
    """Yields a new server that is ready. Skips the test where none is installed, or where we may not run it."""
    debian = (SERVICES / kind).resolve()
    if not debian.exists() or os.geteuid() != 0:
        pytest.skip(f"needs a real {kind}, and root to chroot into it: `make services` installs it")
    server = Server(kind, _new_folder(debian / "var" / "lib" / "mysql"), free_port(), options)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(server.folder)


@dataclass
class Server:
    """A server, from its first start until its folder is gone. New options count from the next start on."""

    kind: Kind
    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    @property
    def accounts(self) -> Path:
        """Where the accounts' option files are."""
        return self.folder / "accounts"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        """Starts it and waits until it answers. It ends with the thread that called this, however that thread ends."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log)
        self.wait_until_ready()

    def kill(self) -> None:
        """Ends it as a crash of the server would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ends it as an administrator would."""
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)

    def restart(self) -> None:
        self.stop()
        self.start()

    @retry(retry=retry_if_result(lambda ready: not ready), stop=stop_after_delay(60), wait=wait_fixed(0.05))
    def wait_until_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"{self.kind} ended at once: {self.log.read_text()[-2000:]}")
        try:
            self.execute("SELECT 1")
        except mysql.connector.Error:
            return False
        return True

    def execute(self, sql: str, account: str = "root", database: str | None = None) -> list[Any]:
        """The rows that one statement answers, as root or as one of the accounts, on a connection of its own."""
        with self.connect(account, database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.with_rows else []
            connection.commit()
        return list(rows)

    def connect(self, account: str = "root", database: str | None = None) -> Any:
        who = ROOT if account == "root" else {"option_files": str(self._option_file(account))}
        return mysql.connector.connect(
            unix_socket=str(self.socket),
            database=database,
            charset="utf8mb4",
            collation="utf8mb4_bin",
            allow_local_infile=True,
            **who,
        )

    def url(self, account: str, database: str) -> str:
        """What SQLAlchemy opens."""
        return f"mysql://localhost/{database}?unix_socket={self.socket}&option_files={self._option_file(account)}"

    def make_database(self, name: str, dagster_name: str = "dagster") -> None:
        """Makes both databases and each account's rights on them as an administrator does, by the server's client."""
        sql = subprocess.run([ACCOUNTS, self.accounts, name, dagster_name], check=True, stdout=subprocess.PIPE).stdout
        self.administer(sql)

    def administer(self, sql: bytes) -> None:
        """Executes what an administrator pipes into the server's client."""
        client = ("chroot", self._debian, self.kind, f"--socket={self._inside(self.socket)}", "--user=root")
        subprocess.run(client, input=sql, check=True)

    def _command(self) -> list[str]:
        # The death of who started it is told to nobody who changes user: so the server starts as who it is to be.
        return [
            *("chroot", "--userspec=mysql:mysql", str(self._debian), "setpriv", "--pdeathsig", "KILL"),
            *(*COMMAND[self.kind], *SMALL, "--local-infile=1", "--bind-address=127.0.0.1", f"--port={self.port}"),
            *(f"--datadir={self._inside(self.folder / 'data')}", f"--socket={self._inside(self.socket)}"),
            *self.options,
        ]

    @property
    def _debian(self) -> Path:
        return self.folder.parents[3]

    def _inside(self, path: Path) -> Path:
        """The path as the server sees it, in its chroot."""
        return "/" / path.relative_to(self._debian)

    def _option_file(self, account: str) -> Path:
        return self.accounts / f"{account}.cnf"


def _new_folder(parent: Path) -> Path:
    """A folder for one server with a copy of the data that was installed; those of tests that died go."""
    for folder in parent.glob("*.*"):
        if not psutil.pid_exists(int(folder.name.split(".")[0])):
            shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}.", dir=parent))
    subprocess.run(["cp", "-a", parent / "new", folder / "data"], check=True)
    owner = (parent / "new").stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    return folder
