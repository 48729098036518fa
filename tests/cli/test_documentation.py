"""docs/commands.md and the commands say the same."""

import re
from pathlib import Path

import pytest

from coprod_trust import errors
from coprod_trust.cli import app

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))
COMMANDS = app.application.commands


def options(command):
    return {o for p in command.params if p.param_type_name == "option" for o in p.opts if o.startswith("--")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name):
    section = SECTIONS[name]
    assert f"coprod-trust {name}" in section
    documented = set(re.findall(r"^\| `(--[a-z-]+)", section, flags=re.MULTILINE))
    assert documented == options(COMMANDS[name])
    assert re.search(rf"^\| \[`{name}`\]\(#{name}\) \|", TEXT, flags=re.MULTILINE)


def test_no_command_is_documented_that_is_not_there():
    listed = set(re.findall(r"^\| \[`([a-z]+)`\]", TEXT, flags=re.MULTILINE))
    assert listed == set(COMMANDS)


def test_every_exit_status_is_documented():
    statuses = {v for k, v in vars(errors).items() if k.startswith("EXIT_")} | {app.EXIT_STOPPED}
    documented = {int(n) for n in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)}
    assert documented == statuses


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_short_help_that_fits_a_line(name):
    text = COMMANDS[name].get_short_help_str(limit=200)
    assert 10 < len(text) <= 65
    assert not text.endswith("...")
