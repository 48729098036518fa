"""Reads study.yaml and says, line by line, what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from coprod_trust.errors import Reason, StudyError
from coprod_trust.study.model import Study

FILE_NAME = "study.yaml"

Declared = TypeVar("Declared", bound=BaseModel)


def load_study(root: Path) -> Study:
    """Read ``root/study.yaml``.

    Raises StudyError with one reason a mistake, each with the line of the YAML where it stands.
    """
    path = root / FILE_NAME
    if not path.is_file():
        raise StudyError(
            Reason(
                f"no {FILE_NAME} in this folder",
                "name the folder of a study, or make one with: coprod-trust init DIR --from FILES",
                str(root),
            )
        )
    return _study(path, text_of(path))


@lru_cache(maxsize=8)  # every step reads the study
def _study(path: Path, text: str) -> Study:
    return declared(path, text, Study, "docs/study.md")


def text_of(path: Path) -> str:
    """The text of a YAML file. Raises StudyError where it is not in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(Reason("not written in UTF-8", "save the file as UTF-8", str(path))) from None


def declared(path: Path, text: str, model: type[Declared], manual: str) -> Declared:
    """``text``, the YAML of ``path``, as a ``model``; ``manual`` is the page that lists its settings.

    Raises StudyError with one reason a mistake, each with its line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    # Read quickly first; only the slow reader knows in which line each setting stands.
    with suppress(MarkedYAMLError, ValidationError):
        document = YAML(typ="safe").load(text)
        if isinstance(document, dict):
            return model.model_validate(_plain(document))
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise StudyError(
            Reason(f"not readable as YAML: {error.problem}", "mend the indentation or quotes there", f"{path}:{line}")
        ) from None
    if not isinstance(document, dict):
        raise StudyError(Reason("holds no settings", "begin with: format: 1", f"{path}:1"))
    try:
        return model.model_validate(_plain(document))
    except ValidationError as error:
        raise StudyError(*(_reason(path, document, e, manual) for e in error.errors(include_url=False))) from None


def plan_text(study: Study) -> str:
    """The canonical plan section, as JSON: keys sorted, defaults filled in, no white space."""
    return json.dumps(study.plan.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def plan_hash(study: Study) -> str:
    """SHA-256 of the canonical plan section."""
    return hashlib.sha256(plan_text(study).encode()).hexdigest()


def _plain(node: Any) -> Any:
    """ruamel's commented containers as plain ones, with every key as text (YAML reads 88: as a number)."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if isinstance(node, str):
        return str(node)
    return node


def _line(document: Any, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of ``location`` that stands in the document."""
    line = 1
    node: Any = document
    for part in location:
        if isinstance(node, dict):
            key = next((k for k in node if str(k) == str(part)), None)
            if key is None:
                break
            line = int(node.lc.key(key)[0]) + 1  # type: ignore[attr-defined]
            node = node[key]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            line = int(node.lc.item(part)[0]) + 1  # type: ignore[attr-defined]
            node = node[part]
        else:
            break
    return line


def _reason(path: Path, document: Any, error: Any, manual: str) -> Reason:
    location = tuple(error["loc"])
    where = f"{path}:{_line(document, location)}"
    key = ".".join(str(p) for p in location) or "the study"
    kind = error["type"]
    if kind == "missing":
        return Reason(f"{key} is missing", f"add {location[-1]}:", where)
    if kind == "extra_forbidden":
        return Reason(f"{key} is not a setting", f"check its spelling; {manual} lists every setting", where)
    message = error["msg"].removeprefix("Value error, ")
    return Reason(f"{key}: {message}", f"correct it there; {manual} says what each setting takes", where)
