"""publiccode.yml by the words of its standard, version 0.4; no schema of it can be had offline."""

import tomllib
from typing import Any

import pytest
import yaml

from .conftest import ROOT

MANDATORY = [
    *("publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType"),
    *("description", "legal", "maintenance", "localisation"),
]


@pytest.fixture(scope="module")
def publiccode() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "publiccode.yml").read_text())


def test_has_all_that_is_mandatory(publiccode: dict[str, Any]) -> None:
    assert [key for key in MANDATORY if not publiccode.get(key)] == []
    assert publiccode["publiccodeYmlVersion"] == "0.4"
    assert publiccode["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert publiccode["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert publiccode["localisation"].keys() >= {"localisationReady", "availableLanguages"}


@pytest.mark.parametrize("language", ["de", "en"])
def test_descriptions_have_the_lengths_of_the_standard(publiccode: dict[str, Any], language: str) -> None:
    description = publiccode["description"][language]
    assert 0 < len(description["shortDescription"]) <= 150
    assert 150 <= len(description["longDescription"]) <= 10_000
    assert description["features"]


def test_licence_is_the_one_of_the_package(publiccode: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert publiccode["legal"]["license"] == project["license"] == "EUPL-1.2"
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (ROOT / "LICENSE").read_text()


def test_languages_are_those_of_the_portal(publiccode: dict[str, Any], settings: Any) -> None:
    assert publiccode["localisation"]["availableLanguages"] == [code for code, _ in settings.LANGUAGES]
