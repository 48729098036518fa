"""Random numbers that depend on the plan's seed and the name of what is computed, never on the order of the work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CELLS = 4_000_000  # of orders that are held at a time

# Above this many draws (people times resamples) the number of resamples is lowered, down to the least.
_BUDGET = 10_000_000
_LEAST = 199


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator of its own for each finding and purpose."""
    import numpy as np

    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.default_rng([seed, *words])


def resamples(planned: int, n: int) -> int:
    """How many resamples of ``n`` people are drawn: as planned, fewer for very large samples."""
    return min(planned, max(_LEAST, _BUDGET // max(n, 1)))


@dataclass(frozen=True)
class RandomOrders:
    """Random orders of n people, the same for every test with as many people: each n is drawn once a process.

    The first k of an order are a random arm of size k. A test's p value depends on the seed and on n, never on which
    tests were done before it.
    """

    seed: int
    planned: int

    def draws(self, n: int) -> int:
        """How many orders there are: as planned, fewer for very many people."""
        return resamples(self.planned, n)

    def blocks(self, n: int) -> Iterator[NDArray[np.int32]]:
        """The orders in blocks of rows, each row an order of 0 to n - 1."""
        rows = max(1, _CELLS // max(n, 1))
        if self.draws(n) <= rows:
            yield _orders(self.seed, self.draws(n), n)
            return
        rng = generator(self.seed, "orders", str(n))
        for size in [rows] * (self.draws(n) // rows) + [self.draws(n) % rows]:
            yield _drawn(rng, size, n)


@lru_cache(maxsize=8)
def _orders(seed: int, rows: int, n: int) -> NDArray[np.int32]:
    return _drawn(generator(seed, "orders", str(n)), rows, n)


def _drawn(rng: np.random.Generator, rows: int, n: int) -> NDArray[np.int32]:
    import numpy as np

    return rng.permuted(np.broadcast_to(np.arange(n, dtype=np.int32), (rows, n)), axis=1)
