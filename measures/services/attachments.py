"""Documents and pictures of a measure."""

import datetime as dt
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from dialog.models import Document, User
from dialog.services import documents, pictures, steps
from measures.models import Attachment, Measure

#: A page with more would hide what it has to say.
MOST = 30


def _demand(measure: Measure, by: User | None) -> None:
    if by is not None and not by.has_perm("measures.update_measure", measure):
        raise PermissionDenied


def add(
    measure: Measure,
    upload: UploadedFile,
    *,
    title: str,
    alternative: str = "",
    credit: str = "",
    by: User | None,
    at: dt.datetime,
) -> Attachment:
    """Takes a file in; a picture is made smaller and gets a small copy. As public as the measure.

    PermissionDenied, or ValidationError if the file is not allowed, a picture has no alternative text, or there are
    too many already.
    """
    _demand(measure, by)
    content_type = documents.check(upload)
    alternative = " ".join(alternative.split())
    if pictures.is_picture(content_type) and not alternative:
        raise ValidationError({"alternative": _("Bitte beschreiben Sie in einem Satz, was auf dem Bild zu sehen ist.")})
    if measure.attachments.count() >= MOST:
        raise ValidationError(_("Mehr als %(number)d Anlagen sind nicht möglich.") % {"number": MOST})
    content = upload.read()
    attachment = Attachment(measure=measure, credit=credit.strip())
    made: list[Document] = []

    def store(kept: bytes) -> Document:
        made.append(
            documents.store(
                kept,
                filename=upload.name or "",
                title=title.strip(),
                content_type=content_type,
                is_public=measure.state != Measure.State.PROPOSED,
                by=by,
                at=at,
            )
        )
        return made[-1]

    try:
        with transaction.atomic():
            if pictures.is_picture(content_type):
                large, small = pictures.shrink(content, content_type)
                attachment.document, attachment.small = store(large.content), store(small.content)
                attachment.width, attachment.height = large.width, large.height
                attachment.small_width = small.width
                attachment.alternative = alternative
            else:
                attachment.document = store(content)
            attachment.full_clean()
            attachment.save()
            steps.record(measure, "attach", before=measure.state, by=by, at=at, note=attachment.document.title)
    except BaseException:
        for document in made:
            document.file.storage.delete(str(document.file.name))
        raise
    return attachment


@transaction.atomic
def remove(attachment: Attachment, *, by: User | None, at: dt.datetime) -> None:
    """Takes an attachment and its files away. PermissionDenied."""
    measure = attachment.measure
    _demand(measure, by)
    gone = [document for document in (attachment.document, attachment.small) if document]
    attachment.delete()
    for document in gone:
        storage, name = document.file.storage, str(document.file.name)
        document.delete()
        transaction.on_commit(partial(storage.delete, name))
    steps.record(measure, "detach", before=measure.state, by=by, at=at, note=gone[0].title)


def show(measure: Measure) -> None:
    """A measure that is no longer a proposal is public, and so are its files."""
    if measure.state == Measure.State.PROPOSED:
        return
    for field in ("document", "small"):
        keys = measure.attachments.exclude(**{field: None}).values_list(field, flat=True)
        Document.objects.filter(pk__in=list(keys), is_public=False).update(is_public=True)
