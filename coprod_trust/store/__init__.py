"""The only place that opens DuckDB."""

from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.work import open_memory, open_work, study_lock, transaction

__all__ = ["StudyPaths", "open_memory", "open_work", "study_lock", "transaction"]
