"""Longitudinal mixed-methods tracking of trust in co-produced public services."""

__version__ = "0.1.0"
