"""The last step: the published database and the reports come into place, then the run is finished."""

from __future__ import annotations

import shutil

from coprod_trust import clock
from coprod_trust.steps import Context, Counts
from coprod_trust.store import open_work, sql, transaction
from coprod_trust.store.publish import build, move_database, move_reports, refuse_stray_wal


def run_step(context: Context) -> Counts:
    """Publish. Whatever is interrupted here is done again by the next run, which starts from its files."""
    paths = context.paths
    refuse_stray_wal(paths)
    bound = {"run_id": context.run_id, "wave": context.wave}
    with open_work(paths) as con, transaction(con):
        sql.run(con, "run/append_history", bound)
    finished_at = clock.now()
    built = build(paths, context.study(), context.wave, context.run_id, finished_at)
    size = built.stat().st_size // 1024
    move_database(paths)
    reports = move_reports(paths)
    shutil.rmtree(paths.outbox)
    with open_work(paths) as con, transaction(con):
        sql.run(con, "run/finish", {"run_id": context.run_id, "finished_at": finished_at})
    return {"report_files": reports, "database_kilobytes": size}
