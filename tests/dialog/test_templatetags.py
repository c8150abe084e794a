"""The small drawings and words that every page uses."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from dialog.templatetags import dialog as tags
from measures.models.measures import Standing
from tests.factories import FieldOfActionFactory, berlin


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("precision", "text"), [("day", "5. September 2007"), ("month", "September 2007"), ("year", "2007")]
)
def test_a_date_is_written_no_more_exactly_than_it_is_known(precision: str, text: str) -> None:
    assert tags.when(dt.date(2007, 9, 5), precision) == text


@pytest.mark.parametrize(
    ("start", "end", "precision", "text"),
    [
        (dt.date(2007, 4, 1), dt.date(2007, 7, 31), "month", "April bis Juli 2007"),
        (dt.date(2006, 11, 1), dt.date(2007, 3, 31), "month", "November 2006 bis März 2007"),
        (dt.date(2008, 7, 1), None, "month", "seit Juli 2008"),
        (None, dt.date(2014, 12, 31), "year", "bis 2014"),
        (dt.date(2009, 1, 1), dt.date(2009, 12, 31), "year", "2009"),
    ],
)
def test_a_period_is_written_as_one_would_say_it(
    start: dt.date | None, end: dt.date | None, precision: str, text: str
) -> None:
    assert tags.period(start, end, precision) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "seit heute"),
        (1, "seit gestern"),
        (2, "seit 2 Tagen"),
        (21, "seit 3 Wochen"),
        (100, "seit 3 Monaten"),
        (800, "seit 2 Jahren"),
    ],
)
def test_how_long_something_has_lasted_stands_in_the_right_case(days: int, text: str) -> None:
    assert tags.since(timezone.now() - dt.timedelta(days=days)) == text


def test_the_time_of_a_meeting_can_stand_before_a_comma() -> None:
    meeting = SimpleNamespace(starts_at=berlin(2026, 3, 2, 18), ends_at=berlin(2026, 3, 2, 20))
    written = render('{% include "dialog/partials/meeting_time.html" %}, Rathaus', meeting=meeting)
    assert written == "18:00 bis 20:00 Uhr, Rathaus"


@pytest.mark.parametrize("standing", sorted(tags.MARKS))
def test_a_state_is_told_by_its_word_and_by_a_shape(standing: str) -> None:
    badge = tags.standing_badge(standing)
    assert str(tags.MARKS[standing][1]) in badge
    assert "<svg" in badge


def test_no_two_standings_of_measures_have_the_same_shape() -> None:
    shapes = {re.search(r"<svg.*?</svg>", tags.standing_badge(standing)).group() for standing in Standing.values}
    assert len(shapes) == len(Standing)


def test_no_two_standings_of_measures_look_the_same_in_a_share_bar() -> None:
    html = render("{% share_bar counts True %}", counts=[(standing, "", 1) for standing in Standing.values])
    assert len(set(re.findall(r'<svg class="key".*?</svg>', html))) == len(Standing)


def test_every_standing_of_a_measure_is_known_to_the_badge() -> None:
    assert set(Standing.values) <= set(tags.MARKS)


def test_a_label_that_somebody_typed_cannot_become_markup() -> None:
    assert "<script>" not in tags.standing_badge("done", "<script>alert(1)</script>")
    assert "<b>" not in tags.standing_badge("<b>unbekannt</b>")


@pytest.mark.parametrize(("percent", "width"), [(-5, "0%"), (0, "0%"), (65, "65%"), (100, "100%"), (240, "100%")])
def test_a_meter_is_filled_as_far_as_the_percentage_and_stays_in_its_frame(percent: int, width: str) -> None:
    assert f'class="filled" width="{width}"' in tags.meter(percent)


def test_the_meter_says_its_percentage() -> None:
    assert 'aria-label="Fortschritt: 65 Prozent"' in tags.meter(65)


COUNTS = [("done", "abgeschlossen", 1), ("in_progress", "in Umsetzung", 2), ("decided", "beschlossen", 0)]


def test_the_segments_of_a_share_bar_stand_side_by_side_and_fill_it() -> None:
    html = render("{% share_bar counts %}", counts=COUNTS)
    segments = [(float(x), float(width)) for x, width in re.findall(r'<svg x="([\d.]+)%" width="([\d.]+)%"', html)]
    assert segments == [(0, 33.33), (33.33, 66.67)]


def test_a_share_bar_reads_out_what_it_shows() -> None:
    assert 'aria-label="1 abgeschlossen, 2 in Umsetzung"' in render("{% share_bar counts %}", counts=COUNTS)


def test_a_legend_says_the_same_as_text_and_leads_to_the_rows() -> None:
    html = render("{% share_bar counts True '/massnahmen/?stand=' %}", counts=COUNTS)
    assert 'aria-hidden="true"' in html.split("<ul")[0]
    assert '<a href="/massnahmen/?stand=in_progress">in Umsetzung</a>' in html
    assert "beschlossen" not in html.replace("abgeschlossen", "")


def test_a_share_bar_of_nothing_is_no_bar() -> None:
    assert "<svg" not in render("{% share_bar counts %}", counts=[("done", "abgeschlossen", 0)])


def test_two_bars_on_a_page_share_no_ids() -> None:
    assert " id=" not in render("{% share_bar counts True %}{% share_bar counts True %}", counts=COUNTS)


def test_shares_in_words_use_the_short_ones() -> None:
    assert tags.shares_in_words([("done", "", 7), ("quiet", "", 1), ("decided", "", 0)]) == (
        "7\xa0abgeschlossen, 1\xa0ohne\xa0Neuigkeit"
    )


@pytest.mark.django_db
def test_a_field_is_never_shown_by_its_colour_alone() -> None:
    field = FieldOfActionFactory(name="Kultur & Sport", accent="bildung")
    assert tags.field_tag(field) == '<span class="tag field-bildung">Kultur &amp; Sport</span>'
    assert f'href="{field.get_absolute_url()}"' in tags.field_tag(field, link=True)


def test_only_what_is_invented_is_marked_as_example() -> None:
    assert "Beispiel" in tags.example(SimpleNamespace(is_example=True))
    assert tags.example(SimpleNamespace(is_example=False)) == ""


def test_a_source_is_named_where_there_is_one() -> None:
    assert "Quelle: Broschüre &lt;S. 5&gt;" in tags.source(SimpleNamespace(source="Broschüre <S. 5>"))
    assert tags.source(SimpleNamespace(source="")) == ""


def test_an_icon_keeps_silent_and_an_unknown_one_is_an_error() -> None:
    assert 'aria-hidden="true"' in tags.icon("search")
    with pytest.raises(KeyError):
        tags.icon("einhorn")


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/massnahmen/", 'aria-current="page"'),
        ("/massnahmen/M-2009-001-schule/", 'aria-current="true"'),
        ("/handlungsfelder/bildung/", 'aria-current="true"'),
        ("/", ""),
    ],
)
def test_the_navigation_marks_the_page_and_its_section(path: str, current: str) -> None:
    context = Context({"request": RequestFactory().get(path)})
    link = tags.nav_link(context, "measures", "Maßnahmen", "/handlungsfelder/")
    assert (current in link) if current else ("aria-current" not in link)


def test_the_overview_is_current_on_the_home_page_only() -> None:
    for path, expected in [("/", True), ("/massnahmen/", False)]:
        link = tags.nav_link(Context({"request": RequestFactory().get(path)}), "home", "Überblick")
        assert ("aria-current" in link) is expected


class FieldForm(forms.Form):
    name = forms.CharField(label="Ihr Name", help_text="Vor- und Zuname", widget=forms.TextInput({"placeholder": "?"}))
    agree = forms.BooleanField(label="Einverstanden", required=False)
    group = forms.ChoiceField(label="Gruppe", choices=[("a", "A"), ("b", "B")])
    answer = forms.ChoiceField(label="Antwort", choices=[("ja", "Ja"), ("nein", "Nein")], widget=forms.RadioSelect)
    note = forms.CharField(label="Notiz", widget=forms.Textarea, required=False)


def test_a_form_ties_labels_help_and_errors_to_its_fields() -> None:
    html = str(FieldForm({"name": "", "group": "c", "answer": ""}))
    assert '<label class="kern-label" for="id_name">Ihr Name' in html
    name = re.search(r'<input type="text"[^>]*>', html).group()
    assert 'aria-describedby="id_name_helptext id_name_error"' in name
    assert 'aria-invalid="true"' in name
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    fieldset = re.search(r"<fieldset[^>]*>", html).group()
    assert 'id="id_answer"' in fieldset
    assert 'aria-describedby="id_answer_error"' in fieldset
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_after_errors_a_summary_leads_to_the_fields_and_each_target_exists() -> None:
    html = str(FieldForm({"name": "", "group": "c", "answer": ""}))
    summary = re.search(r'<div class="error-summary".*?</div>', html, re.DOTALL).group()
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_group", "id_answer"]
    assert all(f' id="{target}"' in html for target in targets)


def test_a_fresh_form_has_no_error_summary() -> None:
    assert "error-summary" not in str(FieldForm())


def test_required_fields_say_so_in_words_and_optional_ones_do_not() -> None:
    html = str(FieldForm())
    assert html.count("(Pflichtangabe)") == 3


def test_every_control_wears_the_design_system() -> None:
    html = str(FieldForm())
    for name in ("kern-form-input__input", "kern-form-check__checkbox", "kern-form-check__radio"):
        assert name in html
    assert "kern-form-input__select-wrapper" in html
    assert "placeholder" not in html


def test_a_block_is_drawn_once_for_each_value_it_depends_on() -> None:
    source = '{% once "probe" key %}{{ key }}, {{ other }}{% endonce %}'
    assert render(source, key="a", other="first") == "a, first"
    assert render(source, key="a", other="second") == "a, first"
    assert render(source, key="b", other="second") == "b, second"


def test_a_frame_is_one_for_all_pages_below_a_folder() -> None:
    assert tags.nav_place("/massnahmen/M-2009-001-a/") == tags.nav_place("/massnahmen/M-2009-002-b/")
    assert len({tags.nav_place(path) for path in ("", "/", "/termine/", "/termine/x/", "/kontakt/")}) == 5
