"""The only place that opens DuckDB."""

from coprod_trust.store import sql
from coprod_trust.store.paths import StudyPaths
from coprod_trust.store.work import columns_of, insert_rows, open_memory, open_work, study_lock, transaction

__all__ = ["StudyPaths", "columns_of", "insert_rows", "open_memory", "open_work", "sql", "study_lock", "transaction"]
