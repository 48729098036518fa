"""A portfolio as a Prefect flow: the studies side by side, in processes, on a Dask cluster or on the workers of a work
pool, then the overview.

Whatever runs a study runs it from beginning to end: the study's lock is taken and let go there. What Prefect stores are
paths, counts and reasons: no row, no value of a file, no id of a person.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from coprod_trust.errors import Reason, UsageError
from coprod_trust.portfolio.declare import Listed, load_portfolio
from coprod_trust.portfolio.run import Outcome, alone, prepare, processors, run_study
from pipelines.flow import contained
from pipelines.run import tell
from pipelines.workers import as_state, on_workers

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State as PrefectState
    from prefect.task_runners import TaskRunner

LOCAL = "local"


@task(
    name="study",
    task_run_name="{key}",
    cache_policy=NO_CACHE,
    persist_result=False,
    log_prints=False,
)
def one_study(key: str, root: str, label: str | None, again: bool) -> PrefectState[Outcome]:
    """Run one study; the state says what became of it, also where it was refused."""
    return as_state(run_study(Listed(Path(root), key, label), again))


def _run_name() -> str:
    """What the UI calls a run: the portfolio's folder."""
    return Path(flow_run.parameters["portfolio"]).name


@flow(name="portfolio", flow_run_name=_run_name, persist_result=False, validate_parameters=True)
async def run_portfolio(
    portfolio: str,
    again: bool = False,
    jobs: int | None = None,
    dask: str | None = None,
    deployment: str | None = None,
) -> PrefectState[Any]:
    """Run every study of a portfolio in which something has changed (``again``: all), and make the overview.

    Without ``dask`` the studies run side by side in ``jobs`` processes of this computer. With it they run on the Dask
    cluster at that scheduler's address, or on one of ``jobs`` workers that is started here (``local``); the workers
    must see the studies' folders under the same paths. With ``deployment`` (``study/portfolio`` of prefect.yaml) each
    study is a flow run of it, for the workers of its work pool; this flow waits for at most ``jobs`` of them at a time.

    One study's failure stops no other; the run then ends as failed
    and says which, after the overview is made.
    """
    from coprod_trust.portfolio.material import material
    from coprod_trust.portfolio.publish import publish_overview
    from pipelines.artifacts import publish_portfolio

    with contained("the look at the portfolio", Path(portfolio)):
        found = load_portfolio(Path(portfolio))
    coming = (
        on_workers(found.studies, again, deployment, jobs)
        if deployment
        else _in_tasks(found.studies, again, jobs, dask)
    )
    outcomes: dict[str, Outcome] = {}
    async for outcome in coming:
        outcomes[outcome.key] = outcome
        tell(outcome)
    with contained("the overview", found.root):
        overview = material(found, [outcomes[s.key] for s in found.studies])
        page = publish_overview(overview)
    await publish_portfolio(overview, page)
    result = tuple(outcomes[s.key] for s in found.studies), page
    failed = [o.key for o in result[0] if not o.done]
    if failed:
        message = f"{len(failed)} of {len(found.studies)} did not go through: {', '.join(failed)}"
        return Failed(name="Incomplete", message=message, data=result)
    return Completed(message=f"{len(found.studies)} studies stand as their files say", data=result)


async def _in_tasks(
    studies: Sequence[Listed], again: bool, jobs: int | None, dask: str | None
) -> AsyncIterator[Outcome]:
    """Outcomes as they come of a task a study; a study whose process dies is run once more, alone."""
    left = {s.key: s for s in studies}
    with _side_by_side(jobs, dask, len(studies)) as runner:
        futures = [
            runner.submit(one_study, {"key": s.key, "root": str(s.root), "label": s.label, "again": again})
            for s in studies
        ]
        for future in as_completed(futures):
            outcome = await _outcome(future)
            if outcome is not None:
                del left[outcome.key]
                yield outcome
    for listed in left.values():
        get_run_logger().warning("%s: its process ended; once more, alone", listed.key)
        yield alone(listed, again)


@contextmanager
def _side_by_side(jobs: int | None, dask: str | None, studies: int) -> Iterator[TaskRunner[Any]]:
    """Where the studies run. Raises UsageError where Dask is asked for and not installed, or does not answer."""
    at_once = min(jobs or processors(), max(1, studies))
    if dask is None:
        from prefect.task_runners import ProcessPoolTaskRunner

        with ProcessPoolTaskRunner(max_workers=at_once, initializer=prepare) as runner:
            yield runner
        return
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError:
        raise UsageError(Reason("Dask is not installed", "install it with: pip install 'coprod-trust[dask]'")) from None
    if dask == LOCAL:
        import dask as dask_itself

        # A study whose worker died is not tried on the others: it is run once more by itself, below.
        dask_itself.config.set({"distributed.scheduler.allowed-failures": 0})
        workers = {"n_workers": at_once, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
        cluster = DaskTaskRunner(cluster_kwargs=workers)
    else:
        cluster = DaskTaskRunner(address=dask)
    try:
        cluster.__enter__()
    except OSError:
        raise UsageError(
            Reason("no Dask scheduler answers there", "start it, or give its address, as in tcp://host:8786", dask)
        ) from None
    with ExitStack() as leaving:
        leaving.push(cluster.__exit__)
        yield cluster


async def _outcome(future: PrefectFuture[Any]) -> Outcome | None:
    """What became of the future's study; None where its process died before it could say."""
    try:
        future.wait()
    except BrokenExecutor:
        return None
    state = future.state
    data = await state.aresult(raise_on_failure=False) if state.is_final() else None
    return data if isinstance(data, Outcome) else None
