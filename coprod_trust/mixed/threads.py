"""One thread for small matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _blas() -> ThreadpoolController:
    """Finding the libraries takes as long as a fit: once is enough, numpy's and scipy's being loaded by now."""
    import scipy.linalg  # noqa: F401 - brings a BLAS of its own
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """The function with one thread of BLAS: more would cost twenty times what they save, and let the last bits of a sum
    depend on their number."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with _blas().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
