"""What people type into minutes and around them."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, FieldOfAction, Meeting, Minutes, Organization, Person
from dialog.services import assignments


def date_input() -> forms.DateInput:
    """The field of a day, as browsers offer it."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class TextForm(forms.Form):
    """The text of one entry, and the version that its writer began from."""

    text = forms.CharField(label=_("Text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10}))
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class IntroductionForm(forms.Form):
    text = forms.CharField(
        label=_("Vorbemerkung"),
        help_text=_("Steht auch in der öffentlichen Fassung."),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecisionForm(forms.Form):
    """A decision and its votes."""

    wording = forms.CharField(label=_("Wortlaut"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    unanimous = forms.BooleanField(label=_("einstimmig"), required=False)
    yes = forms.IntegerField(label=_("Ja-Stimmen"), min_value=0, max_value=1000, required=False)
    no = forms.IntegerField(label=_("Nein-Stimmen"), min_value=0, max_value=1000, required=False)
    abstained = forms.IntegerField(label=_("Enthaltungen"), min_value=0, max_value=1000, required=False)


class RecommendationForm(forms.Form):
    """A recommendation of the body, and to whom it is addressed."""

    title = forms.CharField(label=_("Titel"), max_length=160)
    wording = forms.CharField(label=_("Wortlaut"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    field = forms.ModelChoiceField(label=_("Handlungsfeld"), queryset=FieldOfAction.objects.none())
    bodies = forms.ModelMultipleChoiceField(
        label=_("An Gremien"), queryset=Body.objects.none(), required=False, widget=forms.SelectMultiple
    )
    organizations = forms.ModelMultipleChoiceField(
        label=_("An Institutionen"), queryset=Organization.objects.none(), required=False, widget=forms.SelectMultiple
    )

    def __init__(self, *args: Any, user: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["field"])
        field.queryset = FieldOfAction.objects.visible_to(user)
        field.initial = body.fields.first()
        bodies = cast(forms.ModelMultipleChoiceField, self.fields["bodies"])
        bodies.queryset = Body.objects.visible_to(user).at_work()
        organizations = cast(forms.ModelMultipleChoiceField, self.fields["organizations"])
        organizations.queryset = Organization.objects.visible_to(user)


class TaskForm(forms.Form):
    """Who does what by when."""

    title = forms.CharField(label=_("Was ist zu tun"), max_length=200)
    assignee = forms.ModelChoiceField(
        label=_("Wer"), queryset=Person.objects.none(), required=False, empty_label=_("noch offen")
    )
    due_on = forms.DateField(label=_("Bis wann"), required=False, widget=date_input())

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["assignee"]).queryset = assignments.able(body)


class SubmitForm(forms.Form):
    until = forms.DateField(
        label=_("Korrekturen sind möglich bis"),
        help_text=_("Wer dabei war, bekommt eine Nachricht mit einem Link und diesem Datum."),
        widget=date_input(),
    )


class AdoptForm(forms.Form):
    """By which later meeting the minutes were approved."""

    meeting = forms.ModelChoiceField(
        label=_("Genehmigt in der Sitzung"), queryset=Meeting.objects.none(), empty_label=_("Bitte wählen Sie")
    )

    def __init__(self, *args: Any, minutes: Minutes, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        later = Meeting.objects.visible_to(user).filter(
            body=minutes.meeting.body_id, starts_at__gt=minutes.meeting.starts_at
        )
        field = cast(forms.ModelChoiceField, self.fields["meeting"])
        field.queryset = later.exclude(state=Meeting.State.CANCELLED).select_related("body").order_by("starts_at")
        field.label_from_instance = lambda row: f"{row.starts_at:%d.%m.%Y} · {row}"  # type: ignore[assignment, method-assign]


class CorrectionForm(forms.Form):
    text = forms.CharField(
        label=_("Was soll anders stehen?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Antwort"),
        help_text=_("Wer den Vorschlag gemacht hat, liest sie in einer Nachricht. Beim Ablehnen ist sie Pflicht."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RectificationForm(forms.Form):
    text = forms.CharField(
        label=_("Was richtig ist"),
        help_text=_("Steht mit Datum neben der Niederschrift. Die Niederschrift selbst bleibt, wie sie ist."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_public = forms.BooleanField(label=_("öffentlich"), required=False, initial=True)


class FinishForm(forms.Form):
    note = forms.CharField(
        label=_("Was wurde daraus?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class TaskFilter(forms.Form):
    """Narrows down a list of tasks; `tasks` are those the reader may see."""

    gremium = forms.ChoiceField(label=_("Gremium"), required=False)
    person = forms.ChoiceField(label=_("Zuständig"), required=False)
    stand = forms.ChoiceField(
        label=_("Stand"),
        required=False,
        choices=[("", _("offen")), ("ueberfaellig", _("überfällig")), ("erledigt", _("erledigt"))],
    )

    def __init__(self, *args: Any, tasks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(tasks__in=tasks).distinct()
        people = Person.objects.filter(tasks__in=tasks).distinct()
        cast(forms.ChoiceField, self.fields["gremium"]).choices = [("", _("alle Gremien"))] + [
            (row.slug, row.full_name) for row in bodies
        ]
        cast(forms.ChoiceField, self.fields["person"]).choices = [("", _("alle Personen"))] + [
            (str(row.pk), row.name) for row in people
        ]
