"""What adapters can do: open inquiries, take members out of them, ask, record, forget."""
