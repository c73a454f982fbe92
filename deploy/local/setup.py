"""What must be there before the first start, once the packages are: Kafka's jars and its class cache."""

from collections.abc import Callable

from deploy.local import jars
from deploy.local.kafka import KafkaFailed, train_aot_cache
from deploy.local.process import Layout


def prepare(layout: Layout, say: Callable[[str], None]) -> None:
    """Fetches and trains what is missing; harmless when nothing is. Raises `JarsUnavailable`."""
    fetched = jars.fetch(layout.jars)
    if fetched:
        say(f"Kafka: {fetched} jars fetched and verified")
    try:
        if train_aot_cache(layout):
            say("Kafka: class cache trained (later starts are faster)")
    except KafkaFailed as error:
        say(f"Kafka: no class cache, starts stay slower. {error}")
