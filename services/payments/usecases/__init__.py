"""What payments can do."""
