"""Benchmarks: ours against what a user would otherwise do, as ratios within one run on one machine.

``python -m bench`` (``make bench``) runs every module of this package that has a ``measure() -> list[Measurement]``;
``python -m bench sample_run`` only the ones named.
"""
