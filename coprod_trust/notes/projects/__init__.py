"""Projects of coding programs: REFI-QDA (.qdpx, .qdc), QualCoder and Taguette, each read into one model."""

from coprod_trust.notes.projects.model import Project
from coprod_trust.notes.projects.opening import FORMATS, is_project, open_project, project_format

__all__ = ["FORMATS", "Project", "is_project", "open_project", "project_format"]
