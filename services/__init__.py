"""The five services; each may be read alone. They never import one another: they talk over HTTP and Kafka."""
