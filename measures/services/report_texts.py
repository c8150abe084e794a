"""The texts of the report that only people can write: saved as they are typed, and never over somebody else's."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dialog.models import User
from measures.models import CouncilReport, ReportText


class Overtaken(Exception):
    """Somebody else saved meanwhile; `current` is their text."""

    def __init__(self, current: ReportText) -> None:
        super().__init__(current)
        self.current = current


def save(report: CouncilReport, kind: str, *, text: str, version: int, by: User | None, at: dt.datetime) -> ReportText:
    """Saves `text`, written on the basis of `version`; the same text again changes nothing.

    Raises PermissionDenied, ValidationError for a frozen report or a text that is too long, `Overtaken`.
    """
    if by is not None and not by.has_perm("measures.make_report", report):
        raise PermissionDenied
    limit = ReportText._meta.get_field("text").max_length or 0
    if len(text) > limit:
        raise ValidationError({"text": _("Der Text ist zu lang: höchstens %(limit)d Zeichen.") % {"limit": limit}})
    text = text.replace("\r\n", "\n").strip()
    with transaction.atomic():
        current = CouncilReport.objects.select_for_update().defer("content").get(pk=report.pk)
        if not current.is_draft:
            raise ValidationError(_("Der Bericht ist festgestellt. Seine Texte bleiben, wie sie sind."))
        found, _is_new = ReportText.objects.get_or_create(report=current, kind=ReportText.Kind(kind))
        if found.text == text:
            return found
        if found.version != version:
            raise Overtaken(found)
        taken = ReportText.objects.filter(pk=found.pk, version=version).update(version=version + 1)
        if not taken:
            found.refresh_from_db()
            raise Overtaken(found)
        found.version, found.text, found.saved_by, found.saved_at = version + 1, text, by, at
        found.save()
    return found
