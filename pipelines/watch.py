"""The watcher: tells Prefect when something in a study's folder has changed, and a deployment's trigger does the rest.

An event names the study and the files' paths in its folder; nothing of what is in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coprod_trust.store.inputs import folder_state

if TYPE_CHECKING:
    from prefect.events import DeploymentEventTrigger

CHANGED = "coprod-trust.study.changed"
NAMED = 20
"""An event names at most so many files."""

State = dict[str, tuple[int, int]]


class Watcher:
    """Remembers what was told of one study's folder; with ``told``, as it is now counts as told."""

    def __init__(self, study_id: str, root: Path, told: bool = False) -> None:
        self.study_id, self.root = study_id, root
        self._told: State = folder_state(root) if told else {}
        self._seen: State | None = None

    def news(self) -> list[str]:
        """Paths in the folder that appeared, changed or went since ``told``, in order.

        Empty as long as files differ from one call to the next: what is still being copied is not told of.
        """
        before, self._seen = self._seen, folder_state(self.root)
        if self._seen != before:
            return []
        return sorted(n for n in {*self._told, *self._seen} if self._told.get(n) != self._seen.get(n))

    def told(self) -> None:
        """What ``news`` gave has arrived."""
        self._told = self._seen or {}


def resource_of(study_id: str) -> str:
    """What a study is called in Prefect's events."""
    return f"coprod-trust.study.{study_id}"


def trigger_of(study_id: str) -> DeploymentEventTrigger:
    """The trigger that starts a deployment when the study's folder has changed."""
    from prefect.events import DeploymentEventTrigger

    return DeploymentEventTrigger(
        name=f"{study_id}: a file has come or changed",
        description="Started by the watcher of coprod-trust serve or coprod-trust watch.",
        match={"prefect.resource.id": resource_of(study_id)},
        expect={CHANGED},
    )


async def watch(watchers: Sequence[Watcher], every: float) -> None:
    """Tell of every change in the folders of studies, for ever; look ``every`` so many seconds.

    What could not be told, because the server was away, is told when it is back.
    """
    from prefect.client.orchestration import get_client

    failing = False
    while True:
        for watcher in watchers:
            try:
                names = await asyncio.to_thread(watcher.news)
                if names:
                    async with get_client() as client:
                        await client.request("POST", "/events", json=[_event(watcher.study_id, names)])
                    watcher.told()
                    failing = False
            except Exception as error:  # whatever it is, the next change must not go unseen
                if not failing:
                    click.echo(
                        f"Cannot tell the Prefect server of a change ({type(error).__name__}); trying on.", err=True
                    )
                failing = True
        await asyncio.sleep(every)


def _event(study_id: str, names: list[str]) -> dict[str, Any]:
    from prefect.events import Event
    from prefect.types import DateTime

    event = Event(
        occurred=DateTime.now("UTC"),
        event=CHANGED,
        resource={"prefect.resource.id": resource_of(study_id), "prefect.resource.name": study_id},
        payload={"files": len(names), "named": names[:NAMED]},
    )
    return event.model_dump(mode="json")
