"""What approval can do."""
