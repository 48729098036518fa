"""The last step: the database and the reports, built aside, come into place, then the run is finished."""

from __future__ import annotations

import shutil

from coprod_trust.steps import Context, Counts
from coprod_trust.store import open_work, sql, transaction
from coprod_trust.store.publish import finished_at, move_database, move_reports, refuse_stray_wal


def run_step(context: Context) -> Counts:
    """Publish. Whatever is interrupted here is done again by the next run, which starts from its files."""
    paths = context.paths
    refuse_stray_wal(paths)
    ended = finished_at(paths, context.run_id)
    size = (paths.outbox / paths.published.name).stat().st_size // 1024
    move_database(paths)
    reports = move_reports(paths)
    shutil.rmtree(paths.outbox)
    with open_work(paths) as con, transaction(con):
        sql.run(con, "run/finish", {"run_id": context.run_id, "finished_at": ended})
    return {"report_files": reports, "database_kilobytes": size}
