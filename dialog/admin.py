"""Master data for the operator. States are shown, never set: they change by steps that leave a trace."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, URLField
from django.http import HttpRequest
from django.utils import timezone

from .models import (
    Addressee,
    AgendaItem,
    Body,
    Declaration,
    District,
    FieldOfAction,
    Meeting,
    Membership,
    Milestone,
    Organization,
    Person,
    Phase,
    Principle,
    Process,
    Recommendation,
    Seat,
    Signature,
    Strand,
    Synonyms,
    User,
)
from .services import steps


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts sign in by mail code, so there is no password to set here."""

    list_display = ["email", "person", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    list_select_related = ["person"]
    search_fields = ["email", "person__name"]
    ordering = ["email"]
    fields = ["email", "is_active", "is_staff", "is_superuser", "date_joined", "last_login"]
    readonly_fields = ["date_joined", "last_login"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ["name", "office", "office_public", "user", "is_example"]
    list_filter = ["office_public", "is_example"]
    list_select_related = ["user"]
    search_fields = ["name", "email", "office", "user__email"]
    autocomplete_fields = ["user"]


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    list_display = ["name", "short_name", "kind", "part_of", "is_example"]
    list_filter = ["kind", "is_example"]
    list_select_related = ["part_of"]
    search_fields = ["name", "short_name"]
    autocomplete_fields = ["part_of"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = {URLField: {"assume_scheme": "https"}}


@admin.register(FieldOfAction)
class FieldOfActionAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "accent"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Strand)
class StrandAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "position"]
    search_fields = ["name"]


@admin.register(District)
class DistrictAdmin(admin.ModelAdmin):
    list_display = ["name", "is_example"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Synonyms)
class SynonymsAdmin(admin.ModelAdmin):
    """What searches treat as the same; a change is in effect within a minute."""

    list_display = ["words"]
    search_fields = ["words"]
    fields = ["words"]


class PhaseInline(admin.StackedInline):
    model = Phase
    extra = 0


class MilestoneInline(admin.StackedInline):
    model = Milestone
    extra = 0


class PrincipleInline(admin.StackedInline):
    model = Principle
    extra = 0


@admin.register(Process)
class ProcessAdmin(admin.ModelAdmin):
    list_display = ["name", "starts_on", "ends_on", "successor"]
    list_select_related = ["successor"]
    search_fields = ["name"]
    autocomplete_fields = ["successor", "strands"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [PhaseInline, MilestoneInline, PrincipleInline]


class SeatInline(admin.TabularInline):
    model = Seat
    extra = 0


@admin.register(Body)
class BodyAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "is_open", "founded_on", "ended_on", "is_example"]
    list_filter = ["kind", "is_open", "is_example"]
    search_fields = ["name", "task"]
    autocomplete_fields = ["process", "fields", "strands"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [SeatInline]


class MembershipForm(forms.ModelForm):
    """Who is entered here belongs at once; requests come through the portal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        is_new = kwargs.get("instance") is None
        if is_new:
            kwargs["instance"] = Membership(state=Membership.State.ACTIVE)
        super().__init__(*args, **kwargs)
        if is_new:
            self.fields["starts_on"].required = True

    def validate_unique(self) -> None:
        """Also the constraints that ask the state, which no form carries."""
        super().validate_unique()
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as error:
                self.add_error(None, error)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    form = MembershipForm
    list_display = ["person", "body", "role", "state", "starts_on", "ends_on", "name_public", "is_example"]
    list_filter = ["state", "role", "body", "is_example"]
    list_select_related = ["person", "body"]
    search_fields = ["person__name", "body__name"]
    autocomplete_fields = ["person", "body", "organization"]
    fields = ["body", "person", "organization", "role", "name_public", "starts_on", "state", "ends_on", "reason"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        steps_own = ["state", "ends_on", "reason"]
        return [*steps_own, "body", "person", "starts_on"] if obj else steps_own

    def save_model(self, request: Any, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            steps.record(obj, "enter", by=request.user, at=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """A membership ends; it does not disappear."""
        return False


class AgendaItemInline(admin.TabularInline):
    model = AgendaItem
    extra = 0


@admin.register(Meeting)
class MeetingAdmin(admin.ModelAdmin):
    list_display = ["__str__", "body", "starts_at", "place", "is_public", "state", "is_example"]
    list_filter = ["state", "is_public", "body", "is_example"]
    list_select_related = ["body"]
    date_hierarchy = "starts_at"
    search_fields = ["title", "body__name", "place"]
    autocomplete_fields = ["body"]
    readonly_fields = ["state"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    inlines = [AgendaItemInline]


class AddresseeInline(admin.TabularInline):
    model = Addressee
    extra = 0
    autocomplete_fields = ["body", "organization"]


@admin.register(Recommendation)
class RecommendationAdmin(admin.ModelAdmin):
    """Corrections; new recommendations get their number where bodies make them."""

    list_display = ["number", "title", "body", "field", "state", "date", "is_example"]
    list_filter = ["state", "field", "body", "is_example"]
    list_select_related = ["body", "field"]
    search_fields = ["number", "title", "wording"]
    autocomplete_fields = ["body", "field", "strands"]
    exclude = ["agenda_item"]
    readonly_fields = ["number", "state", "outcome"]
    inlines = [AddresseeInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Recommendation | None = None) -> bool:
        """A number once given stays."""
        return False


class SignatureInline(admin.TabularInline):
    model = Signature
    extra = 0
    autocomplete_fields = ["organization"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Signature]:
        return super().get_queryset(request).select_related("organization")


@admin.register(Declaration)
class DeclarationAdmin(admin.ModelAdmin):
    list_display = ["title", "adopted_on", "process", "is_example"]
    list_select_related = ["process"]
    date_hierarchy = "adopted_on"
    search_fields = ["title", "text"]
    autocomplete_fields = ["process"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [SignatureInline]
