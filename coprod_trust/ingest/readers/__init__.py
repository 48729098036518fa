"""Reads a file as it was handed in into a table of text; nothing is judged yet but whether it can be read."""

from coprod_trust.ingest.readers.staged import Column, Staged

__all__ = ["Column", "Staged"]
