"""What verification can do."""
