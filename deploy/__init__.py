"""How Hedui is run: the map of the platform, and the platform on one machine."""
