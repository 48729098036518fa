"""What a run shows in Prefect's UI: the findings, the data quality, and where the report lies.

Counts and findings only; nothing of a row, no id of a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coprod_trust.steps import Context

if TYPE_CHECKING:
    from pathlib import Path

    from coprod_trust.portfolio.material import Overview
    from coprod_trust.runner import RunResult
    from coprod_trust.status import Status

FINDINGS = (
    "SELECT finding_id, outcome, contrast, population, n, round(estimate, 1) AS estimate, round(ci_low, 1) AS ci_low, "
    "round(ci_high, 1) AS ci_high, p_adjusted, verdict, certainty, exploratory FROM finding ORDER BY finding_id"
)
QUALITY = (
    "SELECT name, wave, status, rows_in, accepted, quarantined, duplicates, blank, withdrawn FROM source_file "
    "WHERE kind = 'survey' ORDER BY wave, name"
)


def key_of(study_id: str, *parts: str) -> str:
    """An artifact's key: small letters, digits and dashes are all that Prefect takes."""
    return "-".join((study_id, *parts)).replace("_", "-").lower()


async def publish_artifacts(context: Context, result: RunResult) -> None:
    """Show the run of ``context`` in the UI: finding table, data-quality table, report link."""
    from prefect.artifacts import acreate_link_artifact, acreate_table_artifact

    study = context.study()
    await acreate_table_artifact(
        table=_records(context, FINDINGS),
        key=key_of(study.study_id, context.wave, "findings"),
        description=f"Findings of {study.title}, waves up to {context.wave}. Run {context.run_id}.",
    )
    await acreate_table_artifact(
        table=_records(context, QUALITY),
        key=key_of(study.study_id, context.wave, "data-quality"),
        description=f"Rows of every survey file. {result.quarantined} rows or cells wait in quarantine.",
    )
    await acreate_link_artifact(
        link=result.report.resolve().as_uri(),
        link_text=f"{study.title}: report of {context.wave}",
        key=key_of(study.study_id, context.wave, "report"),
        description=f"`{result.report}`",
    )


async def publish_schedule(stands: Status) -> None:
    """Show which waves are done, which are due, and what each waits for."""
    from prefect.artifacts import acreate_table_artifact

    await acreate_table_artifact(
        table=[
            {
                "wave": w.wave,
                "label": w.label,
                "due on": str(w.due_on or "when its files are there"),
                "how it stands": w.sentence,
            }
            for w in stands.waves
        ],
        key=key_of(stands.study_id, "schedule"),
        description=f"{stands.title}: what each wave waits for, on {stands.today}.",
    )


async def publish_portfolio(overview: Overview, page: Path) -> None:
    """Show how every study of a portfolio stands, and where the overview is."""
    from prefect.artifacts import acreate_link_artifact, acreate_table_artifact

    settings = overview.portfolio.settings
    await acreate_table_artifact(
        table=[
            {
                "study": s.key,
                "waves up to": s.standing.wave if s.standing else "nothing published",
                "last run": str(overview.outcomes[s.key].state) if s.key in overview.outcomes else "",
                "stale": overview.is_stale(s),
            }
            for s in overview.studies
        ],
        key=key_of(settings.portfolio_id, "studies"),
        description=f"The studies of {settings.title} and how each stands.",
    )
    await acreate_link_artifact(
        link=page.resolve().as_uri(),
        link_text=f"{settings.title}: overview",
        key=key_of(settings.portfolio_id, "overview"),
        description=f"`{page}`",
    )


def _records(context: Context, select: str) -> list[dict[str, Any]]:
    from coprod_trust.store.query import query

    with query(context.root, select) as answer:
        return [dict(zip(answer.names, row, strict=True)) for row in answer]
