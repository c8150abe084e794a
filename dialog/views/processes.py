"""How it came about: the processes as a story in time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dialog.models import Milestone, Phase, Process, Strand


@dataclass(frozen=True)
class Chapter:
    """A process with its phases and milestones in the order of time."""

    process: Process
    entries: list[Phase | Milestone]


@dataclass(frozen=True)
class Stream:
    """The processes of one strand that flowed into another."""

    strand: Strand
    chapters: list[Chapter]


def _begins(entry: Phase | Milestone) -> dt.date:
    return entry.starts_on if isinstance(entry, Phase) else entry.date


def _chapter(process: Any) -> Chapter:
    entries = [*process.phases.all(), *process.milestones.all()]
    return Chapter(process, sorted(entries, key=_begins))


def processes(request: HttpRequest) -> HttpResponse:
    """Streams by strand, and the processes they became."""
    chapters = [
        _chapter(process)
        for process in Process.objects.visible_to(request.user)
        .select_related("successor")
        .prefetch_related("phases", "milestones", "principles", "strands")
    ]
    tributaries: dict[Strand, list[Chapter]] = {}
    for chapter in chapters:
        if chapter.process.successor and (strands := list(chapter.process.strands.all())):
            tributaries.setdefault(strands[0], []).append(chapter)
    flowing = {chapter.process.pk for found in tributaries.values() for chapter in found}
    streams = [Stream(strand, tributaries[strand]) for strand in sorted(tributaries, key=lambda row: row.position)]
    return render(
        request,
        "dialog/process_list.html",
        {
            "streams": streams,
            "united": [chapter for chapter in chapters if chapter.process.pk not in flowing],
        },
    )
