"""Mixed-effects models for panels, fitted on sufficient statistics that one scan of the data gives."""

from coprod_trust.mixed.errors import NotIdentified
from coprod_trust.mixed.panel import Panel

__all__ = ["NotIdentified", "Panel"]
