from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, Membership, Organization, Seat


class JoinForm(forms.Form):
    """A citizen's request to join a body."""

    message = forms.CharField(
        label=_("Was möchten Sie uns sagen?"),
        help_text=_("Freiwillig: was Sie bewegt, was Sie mitbringen. Das lesen die Leitung und die Planungsgruppe."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    organization = forms.ModelChoiceField(
        label=_("Sprechen Sie für eine Institution?"),
        help_text=_("Freiwillig. Wenn Ihre Institution fehlt, nennen Sie sie in der Nachricht."),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("Nein, ich komme als Bürgerin oder Bürger"),
    )
    name_public = forms.BooleanField(
        label=_("Mein Name darf öffentlich auf der Seite der Gruppe stehen"),
        help_text=_("Ohne Ihre Zustimmung sehen ihn nur die Mitglieder. Sie können das später ändern."),
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization = cast(forms.ModelChoiceField, self.fields["organization"])
        organization.queryset = Organization.objects.visible_to(user)


class ReasonForm(forms.Form):
    """A step that somebody else will ask the reason of."""

    reason = forms.CharField(
        label=_("Begründung"),
        help_text=_("Die betroffene Person liest diesen Text in ihrer Nachricht."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class _MemberField(forms.ModelChoiceField):
    """A choice among members, by their names."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.person.name)


class SuccessorForm(forms.Form):
    """Who leads the body when its only chair goes; asked only then."""

    successor = _MemberField(
        label=_("Wer übernimmt die Leitung?"),
        help_text=_("Zur Wahl stehen die anderen Mitglieder."),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("Das ist noch offen"),
    )

    def __init__(self, *args: Any, successors: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not successors:
            del self.fields["successor"]
            return
        successor = cast(forms.ModelChoiceField, self.fields["successor"])
        successor.queryset = Membership.objects.filter(pk__in=[row.pk for row in successors]).select_related("person")


class EndForm(SuccessorForm, ReasonForm):
    """Ending somebody's membership: why, and for a chair who follows."""

    field_order = ("reason", "successor")


class _PlaceForm(forms.Form):
    """The place of a member in a body: role, institution, seat."""

    role = forms.ChoiceField(label=_("Rolle"), choices=Membership.Role.choices)
    organization = forms.ModelChoiceField(
        label=_("Spricht für"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("sich selbst"),
    )
    seat = forms.ModelChoiceField(
        label=_("Sitz"), queryset=Seat.objects.none(), required=False, empty_label=_("kein bestimmter Sitz")
    )

    def __init__(self, *args: Any, body: Body, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["organization"]).queryset = Organization.objects.visible_to(user)
        seats = body.seats.all()
        if seats:
            cast(forms.ModelChoiceField, self.fields["seat"]).queryset = seats
        else:
            del self.fields["seat"]


class ChangeForm(SuccessorForm, _PlaceForm):
    """Another role, institution or seat for a member; for the only chair also who follows."""

    field_order = ("role", "successor", "organization", "seat")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "successor" in self.fields:
            self.fields["successor"].help_text = _(
                "Nur wenn die Person die Leitung abgibt. Zur Wahl stehen die anderen Mitglieder."
            )


class EnterForm(_PlaceForm):
    """Entering somebody who takes part on paper, or by office."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        required=False,
        help_text=_("Freiwillig. Wer keine hat, bekommt alles auf Papier."),
    )
    starts_on = forms.DateField(
        label=_("Dabei seit"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    name_public = forms.BooleanField(
        label=_("Die Person hat zugestimmt, dass ihr Name öffentlich auf der Seite steht"), required=False
    )
    field_order = ("name", "email", "role", "organization", "seat", "starts_on", "name_public")


class InviteForm(forms.Form):
    """Asking somebody by mail to join."""

    email = forms.EmailField(label=_("E-Mail-Adresse"))
    role = forms.ChoiceField(label=_("Rolle"), choices=Membership.Role.choices, initial=Membership.Role.MEMBER)
    organization = forms.ModelChoiceField(
        label=_("Spricht für"), queryset=Organization.objects.none(), required=False, empty_label=_("sich selbst")
    )
    message = forms.CharField(
        label=_("Ein paar Worte von Ihnen"),
        help_text=_("Freiwillig; sie stehen in der Einladung."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, body: Body, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["organization"]).queryset = Organization.objects.visible_to(user)
        # Who leads is for the planning group to say.
        if not user.has_perm("dialog.change_membership"):
            del self.fields["role"]


class AnswerForm(forms.Form):
    """Accepting an invitation; the name is asked of who has no account yet."""

    name = forms.CharField(label=_("Ihr Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    name_public = forms.BooleanField(
        label=_("Mein Name darf öffentlich auf der Seite der Gruppe stehen"),
        help_text=_("Ohne Ihre Zustimmung sehen ihn nur die Mitglieder. Sie können das später ändern."),
        required=False,
    )

    def __init__(self, *args: Any, with_name: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_name:
            del self.fields["name"]
