"""What changed from one report to another, told from their contents alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from measures.services.report_content import all_measures


@dataclass(frozen=True)
class Pair:
    """One measure in both reports."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One number of the first page in both reports; `before` None if the earlier one does not know it."""

    label: str
    before: int | None
    after: int


@dataclass(frozen=True)
class Comparison:
    """What changed: measures by what happened to them, and the figures."""

    figures: list[Figure]
    added: list[dict[str, Any]]
    gone: list[dict[str, Any]]
    moved: list[Pair]
    advanced: list[Pair]
    unchanged: int


def compare(earlier: dict[str, Any], later: dict[str, Any]) -> Comparison:
    """The way from `earlier` to `later`; measures are the same if they bear the same number."""
    before, after = _by_number(earlier), _by_number(later)
    pairs = [Pair(before[number], row) for number, row in after.items() if number in before]
    moved = [pair for pair in pairs if pair.before.get("standing") != pair.after.get("standing")]
    advanced = [
        pair
        for pair in pairs
        if pair.before.get("standing") == pair.after.get("standing")
        and pair.before.get("progress") != pair.after.get("progress")
    ]
    return Comparison(
        figures=list(_figures(earlier, later)),
        added=[row for number, row in after.items() if number not in before],
        gone=[row for number, row in before.items() if number not in after],
        moved=moved,
        advanced=advanced,
        unchanged=len(pairs) - len(moved) - len(advanced),
    )


def _by_number(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["number"]: row for row in all_measures(content.get("fields", []))}


def _figures(earlier: dict[str, Any], later: dict[str, Any]) -> Iterable[Figure]:
    before = {row["standing"]: row["number"] for row in earlier.get("summary", {}).get("counts", [])}
    for row in later.get("summary", {}).get("counts", []):
        yield Figure(row["label"], before.get(row["standing"]), row["number"])
