"""Random numbers that depend on the plan's seed and the name of what is computed, never on the order of the work."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

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
