"""The set-up on machines that lack something: a sentence with the exact command, never a traceback."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT

TOOLS = ("bash", "cat", "chmod", "cksum", "cp", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "sh", "tail", "tr")
Machine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Runs the set-up in an empty project, on a machine that has the given programs only.

    A program is a shell script; what it shall leave behind it writes to $LOG.
    """
    project = tmp_path / "project"
    (project / "luener_dialog/bin").mkdir(parents=True)
    shutil.copy(ROOT / "luener_dialog/bin/setup", project / "luener_dialog/bin/setup")
    (project / "tests").mkdir()
    (project / "tests/requirements.lock").touch()
    (project / "package-lock.json").touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or tool)

    def run(*arguments: str, **scripts: str) -> subprocess.CompletedProcess[str]:
        for name, script in scripts.items():
            (programs / name.replace("_", "-")).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name.replace("_", "-")).chmod(0o755)
        return subprocess.run(
            [project / "luener_dialog/bin/setup", *arguments],
            env={"PATH": str(programs), "LOG": str(tmp_path / "log")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


# A Python that is new enough, makes environments and installs into them by noting it.
PYTHON = """
case "$*" in
"-m venv"*) mkdir -p .venv/bin && cat "$0" > .venv/bin/python && chmod +x .venv/bin/python ;;
esac
echo "python $*" >> "$LOG"
"""
INSTALLED = "echo 'install ok installed'"
NOTE = 'echo "$0 $*" >> "$LOG"'
USER, OPERATOR = "echo 1000", "echo 0"


def test_a_user_is_told_what_to_type(machine: Machine) -> None:
    result = machine(apt_get=NOTE, dpkg_query="exit 1", id=USER)
    assert result.returncode == 1
    assert (
        "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends python3 python3-venv "
        "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 nodejs npm'"
    ) in result.stderr


def test_elsewhere_the_packages_are_named(machine: Machine) -> None:
    result = machine(id=USER, python3=PYTHON)
    assert result.returncode == 1
    assert "nodejs npm" in result.stderr


def test_a_python_without_venv_names_its_package(machine: Machine) -> None:
    without = 'case "$*" in *ensurepip*) exit 1 ;; *print*) echo python3.11-venv ;; esac'
    result = machine(python3=without, node="", npm="", dpkg_query=INSTALLED, apt_get=NOTE, id=USER)
    assert result.returncode == 1
    assert "--no-install-recommends python3.11-venv'" in result.stderr


def test_root_installs_only_what_is_missing(machine: Machine, tmp_path: Path) -> None:
    # Once "installed", node and npm are there.
    apt = NOTE + '\ncase "$*" in *nodejs*) for p in node npm; do cp "$0" "$(dirname "$0")/$p"; done ;; esac'
    result = machine("--with-browser", python3=PYTHON, apt_get=apt, dpkg_query=INSTALLED, id=OPERATOR)
    assert result.returncode == 0, result.stderr
    lines = [line.removeprefix(f"{tmp_path}/bin/") for line in (tmp_path / "log").read_text().splitlines()]
    assert "apt-get install -y --no-install-recommends nodejs npm chromium default-jdk-headless" in lines
    assert "npm ci --ignore-scripts --loglevel=error" in lines
    assert any("--require-hashes -r tests/requirements.lock" in line for line in lines)
    assert lines[-1] == "python manage.py fonts"


def test_a_failed_installation_shows_why(machine: Machine) -> None:
    result = machine(python3=PYTHON, apt_get="echo no such package; exit 100", dpkg_query="exit 1", id=OPERATOR)
    assert result.returncode == 1
    assert "no such package" in result.stderr
    assert "apt-get install" in result.stderr


def test_the_second_time_nothing_is_installed(machine: Machine, tmp_path: Path) -> None:
    complete = {"python3": PYTHON, "node": "", "npm": NOTE + "; mkdir -p node_modules", "dpkg_query": INSTALLED}
    assert machine(apt_get=NOTE, id=OPERATOR, **complete).returncode == 0
    (tmp_path / "log").unlink()
    assert machine().returncode == 0
    assert "install" not in (tmp_path / "log").read_text()
    (tmp_path / "project/package-lock.json").write_text("{}")
    assert machine().returncode == 0
    assert "npm ci" in (tmp_path / "log").read_text()
    assert "pip install" not in (tmp_path / "log").read_text()


def test_a_failed_download_is_tried_again(machine: Machine, tmp_path: Path) -> None:
    tools = {"python3": PYTHON, "node": "", "dpkg_query": INSTALLED, "apt_get": NOTE, "id": OPERATOR}
    failed = machine(npm="exit 1", **tools)
    assert failed.returncode == 1
    assert "npm ci --ignore-scripts" in failed.stderr
    assert machine(npm=NOTE).returncode == 0
    assert "npm ci" in (tmp_path / "log").read_text()
