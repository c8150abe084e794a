"""Master data of the council side for the operator. States, progress and news change by steps in the portal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from dialog.services import numbers

from .models import (
    CooperationAgreement,
    Goal,
    Guideline,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    Resolution,
    ResolutionPoint,
)


@admin.register(Guideline)
class GuidelineAdmin(admin.ModelAdmin):
    list_display = ["title", "field", "position", "is_example"]
    list_filter = ["field", "is_example"]
    list_select_related = ["field"]
    search_fields = ["title", "text"]
    autocomplete_fields = ["field"]


@admin.register(Goal)
class GoalAdmin(admin.ModelAdmin):
    list_display = ["title", "field", "position", "is_example"]
    list_filter = ["field", "strands", "is_example"]
    list_select_related = ["field"]
    search_fields = ["title", "text"]
    autocomplete_fields = ["field", "strands"]


class ResolutionPointInline(admin.StackedInline):
    model = ResolutionPoint
    extra = 0
    autocomplete_fields = ["responsible"]
    readonly_fields = ["state", "done_on"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What the council resolved is not unmade here."""
        return False


@admin.register(Resolution)
class ResolutionAdmin(admin.ModelAdmin):
    list_display = ["title", "adopted_on", "paper_number", "process", "is_example"]
    list_filter = ["process", "is_example"]
    list_select_related = ["process"]
    date_hierarchy = "adopted_on"
    search_fields = ["title", "summary", "paper_number"]
    autocomplete_fields = ["process"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ResolutionPointInline]

    def has_delete_permission(self, request: HttpRequest, obj: Resolution | None = None) -> bool:
        return False


@admin.register(ResolutionPoint)
class ResolutionPointAdmin(admin.ModelAdmin):
    """Only to be found from measures; points are kept with their resolution."""

    list_select_related = ["resolution"]
    search_fields = ["title", "resolution__title"]
    readonly_fields = ["state", "done_on"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ResolutionPoint | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ResolutionPoint | None = None) -> bool:
        return False


class MeasureMilestoneInline(admin.TabularInline):
    model = MeasureMilestone
    extra = 0


@admin.register(Measure)
class MeasureAdmin(admin.ModelAdmin):
    """A new measure is a proposal, with the next number of the year; all else happens in the workspace."""

    list_display = ["number", "title", "kind", "field", "lead", "state", "progress", "last_news_on", "is_example"]
    list_filter = ["state", "field", "strands", "kind", "districts", "is_example"]
    list_select_related = ["field", "lead"]
    search_fields = ["number", "title", "summary"]
    autocomplete_fields = [
        *("field", "goal", "lead", "partners", "contacts", "strands"),
        *("districts", "guidelines", "recommended_by", "decided_in"),
    ]
    readonly_fields = ["number", "state", "progress", "last_news_on", "stop_reason"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [MeasureMilestoneInline]

    def save_model(self, request: Any, obj: Measure, form: Any, change: bool) -> None:
        if not change:
            obj.last_news_on = timezone.localdate()
            obj.number = numbers.give("M", obj.last_news_on.year)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Measure | None = None) -> bool:
        """A number once given stays."""
        return False


class IndicatorValueInline(admin.TabularInline):
    model = IndicatorValue
    extra = 0


@admin.register(Indicator)
class IndicatorAdmin(admin.ModelAdmin):
    list_display = ["name", "unit", "field", "target", "target_year", "is_example"]
    list_filter = ["field", "is_example"]
    list_select_related = ["field"]
    search_fields = ["name", "text"]
    autocomplete_fields = ["field", "measures"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [IndicatorValueInline]


@admin.register(CooperationAgreement)
class CooperationAgreementAdmin(admin.ModelAdmin):
    list_display = ["title", "field", "process", "concluded_on", "ended_on", "is_example"]
    list_filter = ["field", "districts", "is_example"]
    list_select_related = ["field", "process"]
    date_hierarchy = "concluded_on"
    search_fields = ["title", "text", "parties_text"]
    autocomplete_fields = ["parties", "districts", "field", "process", "measure"]
    prepopulated_fields = {"slug": ["title"]}
