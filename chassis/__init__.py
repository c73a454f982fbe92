"""What every service stands on: HTTP, SQL, Kafka, time and keys. Knows no business word and imports no service."""
