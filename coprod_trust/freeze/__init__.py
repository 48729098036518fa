"""Frozen waves: what a report was made from, provable, and erasable person by person."""
