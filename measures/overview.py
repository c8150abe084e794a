"""The measures in numbers: by field of action and by strand, now and a year ago, and how old their news are."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialog.models import FieldOfAction, Strand
from dialog.templatetags.dialog import when

from .charts import BarChart, Part, bar_chart, swatch
from .models import Measure
from .models.measures import QUIET_AFTER, Standing

#: How a standing looks in a chart. A proposal is not counted here: nothing has been decided about it.
LOOKS = {
    Standing.DONE: "done",
    Standing.IN_PROGRESS: "run",
    Standing.DECIDED: "dec",
    Standing.QUIET: "quiet",
    Standing.STOPPED: "stop",
    Standing.MERGED: "merged",
}
#: Up to so many days old are the news of an unfinished measure; then how that looks, and its words.
AGES = (
    (91, "fresh", gettext_lazy("bis zu 3 Monate alt")),
    (182, "run", gettext_lazy("3 bis 6 Monate alt")),
    (QUIET_AFTER.days, "dec", gettext_lazy("6 Monate bis ein Jahr alt")),
    (None, "quiet", gettext_lazy("älter als ein Jahr")),
)


@dataclass(frozen=True)
class Change:
    """How many measures had a standing a year ago and have it now."""

    words: str
    then: int
    now: int
    #: In the list of measures these are found by this value.
    standing: str = ""

    @property
    def difference(self) -> str:
        """How many more or fewer, with the sign before it: “+3”, “−2”, “±0”."""
        sign = {-1: "−", 0: "±", 1: "+"}[(self.now > self.then) - (self.now < self.then)]
        return f"{sign}{abs(self.now - self.then)}"


@dataclass(frozen=True)
class Area:
    """Some of the measures, as chart and as table: how they stand, and how old the news of the unfinished are."""

    name: str
    query: str
    accent: str
    changes: list[Change]
    standings: BarChart
    ages: BarChart
    ages_in_words: list[tuple[str, int]]

    @property
    def total(self) -> Change:
        """All standings together."""
        return Change(_("zusammen"), sum(row.then for row in self.changes), sum(row.now for row in self.changes))

    @property
    def unfinished(self) -> int:
        """How many measures have an age of their news at all."""
        return sum(number for _words, number in self.ages_in_words)


@dataclass(frozen=True)
class Overview:
    """The whole city, each field and each strand; `then` is the day with which today is compared."""

    then: dt.date
    city: Area
    fields: list[Area]
    strands: list[Area]

    @property
    def standings_legend(self) -> list[Part]:
        """How the standings look that occur."""
        return [swatch(LOOKS[Standing(row.standing)], row.words) for row in self.city.changes if row.now or row.then]

    @property
    def ages_legend(self) -> list[Part]:
        """How the ages of news look."""
        return [swatch(mark, str(words)) for _days, mark, words in AGES]


def a_year_before(day: dt.date) -> dt.date:
    """The same day of the year before; of a 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def of(user: Any, today: dt.date) -> Overview:
    """The overview of what `user` may see, as of `today`.

    How it was a year ago comes from the field history. Field and strand of a measure are today's, so that what was
    only sorted anew does not look like progress.
    """
    visible = Measure.objects.visible_to(user).exclude(state=Measure.State.PROPOSED)
    rows = list(visible.order_by().values_list("pk", "field", "state", "last_news_on"))
    day = a_year_before(today)
    figures = _Figures(
        today,
        day,
        now={key: (state, news) for key, _field, state, news in rows},
        then={key: row for key, row in Measure.stood_on(day).items() if row[0] != Measure.State.PROPOSED},
    )
    strands = list(Measure.strands.through.objects.values_list("measure", "strand"))
    return Overview(
        then=day,
        city=figures.area(_("Alle Handlungsfelder"), "", "", {key for key, *_rest in rows}),
        fields=[
            figures.area(
                field.name,
                f"handlungsfeld={field.slug}",
                field.accent,
                {key for key, own, _state, _news in rows if own == field.pk},
            )
            for field in FieldOfAction.objects.visible_to(user)
        ],
        strands=[
            figures.area(
                strand.name,
                f"strang={strand.code}",
                "",
                {key for key, own in strands if own == strand.pk} & figures.now.keys(),
            )
            for strand in Strand.objects.visible_to(user)
        ],
    )


@dataclass(frozen=True)
class _Figures:
    """State and last news of each measure, today and on the earlier day."""

    today: dt.date
    day: dt.date
    now: dict[int, tuple[str, dt.date]]
    then: dict[int, tuple[str, dt.date]]

    def area(self, name: str, query: str, accent: str, keys: Collection[int]) -> Area:
        """The measures with these primary keys."""
        now = Counter(Measure.standing_of(*self.now[key], self.today) for key in keys)
        then = Counter(Measure.standing_of(*self.then[key], self.day) for key in keys if key in self.then)
        changes = [Change(str(row.label), then[row], now[row], row.value) for row in LOOKS]
        ages = self._ages(keys)
        return Area(
            name=name,
            query=query,
            accent=accent,
            changes=changes,
            standings=bar_chart(
                [
                    (_("heute"), [(LOOKS[Standing(row.standing)], row.words, row.now) for row in changes]),
                    (when(self.day), [(LOOKS[Standing(row.standing)], row.words, row.then) for row in changes]),
                ]
            ),
            ages=bar_chart([(_("heute"), ages)]),
            ages_in_words=[(words, number) for _mark, words, number in ages],
        )

    def _ages(self, keys: Collection[int]) -> list[tuple[str, str, int]]:
        """How many unfinished measures have news of each age."""
        counts: Counter[str] = Counter()
        for key in keys:
            state, news = self.now[key]
            if state in Measure.UNFINISHED:
                days = (self.today - news).days
                counts[next(mark for limit, mark, _words in AGES if limit is None or days <= limit)] += 1
        return [(mark, str(words), counts[mark]) for _limit, mark, words in AGES]
