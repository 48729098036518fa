"""What leaves for other programs. Everything is read from the published database, so nothing leaves that the gate of
``privacy`` holds back there."""

from coprod_trust.export.formats import FORMATS, Exported, export

__all__ = ["FORMATS", "Exported", "export"]
