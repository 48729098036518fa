"""Reads a file as it was handed in into a table of text; nothing is judged yet but whether it can be read.

``stage`` is the one way in, whatever the format.
"""

from coprod_trust.ingest.readers.staged import Column, Staged
from coprod_trust.ingest.readers.staging import clear, source_id_of, stage, wave_values

__all__ = ["Column", "Staged", "clear", "source_id_of", "stage", "wave_values"]
