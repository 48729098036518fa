"""The parameters of a covariance as numbers in a row, and back."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np


def lower_pairs(size: int) -> list[tuple[int, int]]:
    """(row, column) of a lower triangle, column by column: the order of the parameters of a symmetric matrix."""
    return [(i, j) for j, i in combinations_with_replacement(range(size), 2)]


def unit_matrices(size: int) -> list[np.ndarray]:
    """Symmetric matrices with 1 at one pair, in the order of ``lower_pairs``."""
    found = []
    for i, j in lower_pairs(size):
        unit = np.zeros((size, size))
        unit[i, j] = unit[j, i] = 1.0
        found.append(unit)
    return found


def lower_triangle(matrix: np.ndarray) -> np.ndarray:
    """The parameters of a symmetric matrix, in the order of ``lower_pairs``."""
    return np.array([matrix[i, j] for i, j in lower_pairs(len(matrix))])


def symmetric(values: np.ndarray, size: int) -> np.ndarray:
    """The symmetric matrix of such parameters."""
    found = np.zeros((size, size))
    for value, (i, j) in zip(values, lower_pairs(size), strict=True):
        found[i, j] = found[j, i] = value
    return found


def theta_to_phi(theta: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """phi = sigma^2 (1, Lambda Lambda' by its lower triangle), its Jacobian (k, m) and second derivatives (k, m, m) in
    (theta, sigma), theta being the relative Cholesky factor Lambda by column (one number, or three)."""
    if len(theta) == 1:
        value = np.array([1.0, theta[0] ** 2])
        turn = np.array([[0.0], [2 * theta[0]]])
        bend = np.array([[[0.0]], [[2.0]]])
    else:
        a, b, c = theta
        value = np.array([1.0, a * a, a * b, b * b + c * c])
        turn = np.array([[0.0, 0.0, 0.0], [2 * a, 0.0, 0.0], [b, a, 0.0], [0.0, 2 * b, 2 * c]])
        bend = _BEND
    m = len(theta) + 1
    jacobian, second = np.empty((len(value), m)), np.empty((len(value), m, m))
    jacobian[:, :-1], jacobian[:, -1] = sigma**2 * turn, 2 * sigma * value
    second[:, :-1, :-1], second[:, -1, -1] = sigma**2 * bend, 2 * value
    second[:, :-1, -1] = second[:, -1, :-1] = 2 * sigma * turn
    return sigma**2 * value, jacobian, second


_BEND = np.array(
    [np.zeros((3, 3)), np.diag([2.0, 0.0, 0.0]), [[0, 1, 0], [1, 0, 0], [0, 0, 0]], np.diag([0.0, 2.0, 2.0])]
)


def cholesky_2x2(matrix: np.ndarray) -> np.ndarray:
    """(theta1, theta2, theta3) of a matrix that may be singular."""
    first = np.sqrt(max(matrix[0, 0], 0.0))
    second = matrix[1, 0] / first if first > 0 else 0.0
    return np.array([first, second, np.sqrt(max(matrix[1, 1] - second**2, 0.0))])
