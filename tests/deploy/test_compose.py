"""The description of a city's containers: a valid file that starts nothing without its secrets."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT

COMPOSE = ROOT / "docker-compose.yml"
OWN = ("web", "worker", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def follows_the_schema(path: Path) -> bool:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run([sys.executable, *command], capture_output=True, check=False).returncode == 0


def test_the_file_follows_the_compose_schema(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchecks:"))
    assert follows_the_schema(COMPOSE)
    assert not follows_the_schema(broken)


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "BASE_URL"])
def test_what_must_be_given_has_no_default(name: str) -> None:
    uses = re.findall(r"\$\{" + name + r"(.{2})", COMPOSE.read_text())
    assert uses
    assert set(uses) == {":?"}


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    secret = re.compile(r"SECRET|PASSWORD|TOKEN|_KEY$")
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), name
    assert re.findall(r"^(?:SECRET_KEY|POSTGRES_PASSWORD)=(.*)$", (ROOT / ".env.example").read_text(), re.M) == [
        "",
        "",
    ]
    assert not re.search(r"^\s*(ENV|ARG).*(SECRET|PASSWORD)", (ROOT / "Dockerfile").read_text(), re.M)


def test_database_and_broker_are_not_reached_from_outside(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("db", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]
        assert "ports" not in compose["services"][name]
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["web"]["ports"])


def test_the_portal_runs_without_privileges(compose: dict[str, Any]) -> None:
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]
    for name in OWN:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["command"] == name


def test_every_service_comes_back_and_tells_how_it_is(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped", name
        # Web's is the image's own.
        assert name == "web" or service["healthcheck"]["test"], name
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_static_files_of_the_image_are_not_hidden_by_a_volume(compose: dict[str, Any]) -> None:
    mounts = {mount for name in OWN for mount in compose["services"][name]["volumes"]}
    assert mounts == {"media:/app/var/media"}


def test_every_setting_is_described() -> None:
    code = (ROOT / "luener_dialog/settings.py").read_text() + (ROOT / "luener_dialog/gunicorn.py").read_text()
    names = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", code))
    assert {"SECRET_KEY", "BASE_URL", "WEB_THREADS"} <= names
    for document in (".env.example", "README.md", "README.de.md"):
        described = set(re.findall(r"[A-Z][A-Z_]{2,}", (ROOT / document).read_text()))
        assert names <= described, f"{document} lacks {sorted(names - described)}"
