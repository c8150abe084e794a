"""Two people change one row at once: neither overwrites the other unseen, and nobody loses what they typed."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _


class SeesOthers(forms.BaseForm):
    """A form about a row that carries what it showed at first; the page draws that by `{{ form.shown_at_first }}`.

    What only somebody else has changed since then is taken from the row; what both have changed differently becomes
    an error that tells the other's text. Sent again after that, what was typed goes.
    """

    def shown_at_first(self) -> SafeString:
        """The values with which the page was drawn, as hidden fields."""
        return mark_safe("".join(str(self[name].as_hidden(only_initial=True)) for name in self.fields))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in list(self.fields):
            if name in cleaned and self._was_shown():
                self._settle(name, cleaned)
        if self.errors:
            self._show_anew()
        return cleaned

    def _was_shown(self) -> bool:
        """Whether the page that was sent carried its first values; an empty choice of several leaves no trace."""
        return any(key.startswith(self.add_initial_prefix("")) for key in self.data)

    def _settle(self, name: str, cleaned: dict[str, Any]) -> None:
        bound, field = self[name], self.fields[name]
        shown = field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        typed, current = bound.data, self.get_initial_for_field(field, name)
        if not field.has_changed(current, shown):
            return
        if not field.has_changed(self._python(field, shown), typed):
            cleaned[name] = field.clean(field.prepare_value(current))
            self._put(self.add_prefix(name), name)
        elif field.has_changed(current, typed):
            words = Truncator(self._words(field, current)).chars(600)
            self.add_error(
                name,
                _("Jemand anderes hat inzwischen eingetragen: „%(theirs)s“. Beim nächsten Speichern gilt Ihr Text.")
                % {"theirs": words or _("nichts")},
            )

    def _python(self, field: forms.Field, shown: Any) -> Any:
        try:
            return field.to_python(shown)
        except forms.ValidationError:
            return shown

    def _words(self, field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.ModelMultipleChoiceField):
            return ", ".join(str(row) for row in value)
        if isinstance(field, forms.ModelChoiceField):
            row = cast(models.QuerySet, field.queryset).filter(pk=value).first() if value else None
            return str(row or "")
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
        if isinstance(field, forms.BooleanField):
            return _("ja") if value else _("nein")
        return str(field.prepare_value(value) or "")

    def _show_anew(self) -> None:
        """The page that is drawn now tells the other's text; so the next attempt knows it."""
        for name in self.fields:
            self._put(self.add_initial_prefix(name), name)

    def _put(self, key: str, name: str) -> None:
        """What the row has for the field `name` stands under `key` in the page that is drawn."""
        data, field = cast(QueryDict, self.data).copy(), self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(value, Iterable) and not isinstance(value, str):
            data.setlist(key, [str(each) for each in value])
        else:
            data[key] = "" if value is None else str(value)
        self.data = data
