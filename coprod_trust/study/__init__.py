"""What the evaluator declares: study.yaml and everything in it."""

from coprod_trust.study.load import FILE_NAME, load_study, plan_hash, plan_text
from coprod_trust.study.model import Dimension, File, Item, MissingReason, Scale, Severity, Study, Wave

__all__ = [
    "FILE_NAME",
    "Dimension",
    "File",
    "Item",
    "MissingReason",
    "Scale",
    "Severity",
    "Study",
    "Wave",
    "load_study",
    "plan_hash",
    "plan_text",
]
