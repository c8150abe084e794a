"""Conferences for the operator."""

from django.contrib import admin

from .models import Conference, Debate, ProgrammeItem


class ProgrammeItemInline(admin.TabularInline):
    model = ProgrammeItem
    extra = 0
    autocomplete_fields = ["body"]


class DebateInline(admin.TabularInline):
    model = Debate
    extra = 0
    autocomplete_fields = ["recommendation"]


@admin.register(Conference)
class ConferenceAdmin(admin.ModelAdmin):
    list_display = ["title", "kind", "date", "place", "is_example"]
    list_filter = ["kind", "is_example"]
    date_hierarchy = "date"
    search_fields = ["title", "place"]
    autocomplete_fields = ["process", "declarations"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ProgrammeItemInline, DebateInline]
