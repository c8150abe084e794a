"""Files: what comes in is checked, stored under a random name, and remembered with its checksum."""

import datetime as dt
import hashlib
from pathlib import PurePath

import filetype
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from dialog.models import AgendaItem, Body, Document, Meeting, User
from dialog.models.documents import random_path

from . import document_checks

#: Content types that may come in, with the suffixes that go with them.
ALLOWED = {
    "application/pdf": {".pdf"},
    "image/png": {".png"},
    "image/jpeg": {".jpg", ".jpeg"},
    "image/webp": {".webp"},
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": {".docx"},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {".xlsx"},
    "application/vnd.oasis.opendocument.text": {".odt"},
    "application/vnd.oasis.opendocument.spreadsheet": {".ods"},
}


def check(upload: UploadedFile) -> str:
    """The content type of an upload, told by its content. ValidationError in words if it may not come in."""
    limit = settings.UPLOAD_MAX_MB
    if not upload.size:
        raise ValidationError(_("Die Datei ist leer."))
    if upload.size > limit * 1024 * 1024:
        raise ValidationError(_("Die Datei ist zu groß: höchstens %(limit)d MB sind möglich."), params={"limit": limit})
    upload.seek(0)
    content_type = filetype.guess_mime(upload.read(8192)) or ""
    upload.seek(0)
    suffix = PurePath(upload.name or "").suffix.lower()
    if suffix not in ALLOWED.get(content_type, set()):
        raise ValidationError(
            _(
                "Diese Datei können wir nicht annehmen. Möglich sind PDF, Bilder (PNG, JPEG, WebP), Word, Excel und "
                "OpenDocument, jeweils mit der passenden Endung."
            )
        )
    document_checks.check(content_type, upload)
    return content_type


def add(
    upload: UploadedFile,
    *,
    title: str,
    body: Body,
    by: User,
    at: dt.datetime,
    meeting: Meeting | None = None,
    agenda_item: AgendaItem | None = None,
    is_public: bool = False,
) -> Document:
    """Takes an upload in as a paper of `body`. PermissionDenied, or ValidationError if the file is not allowed."""
    if not by.has_perm("dialog.add_document", body):
        raise PermissionDenied
    if meeting and meeting.body_id != body.pk:
        raise ValidationError(_("Die Sitzung gehört zu einem anderen Gremium."))
    content_type = check(upload)
    return store(
        upload.read(),
        filename=upload.name or "",
        title=title,
        content_type=content_type,
        is_public=is_public,
        body=body,
        meeting=meeting,
        agenda_item=agenda_item,
        by=by,
        at=at,
    )


def store(
    content: bytes,
    *,
    filename: str,
    title: str,
    content_type: str,
    is_public: bool,
    by: User | None,
    at: dt.datetime,
    body: Body | None = None,
    meeting: Meeting | None = None,
    agenda_item: AgendaItem | None = None,
) -> Document:
    """Stores a file under a random name. If its row cannot be saved, no file stays behind."""
    name = get_valid_filename(PurePath(filename.replace("\\", "/")).name.lstrip("."))[-160:]
    document = Document(
        title=title,
        filename=name,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        is_public=is_public,
        body=body,
        meeting=meeting,
        agenda_item=agenda_item,
        added_by=by,
        added_at=at,
    )
    # Named first: a disk that gets full in the middle leaves a file, and it must be known which.
    path = random_path(document, name)
    storage = document.file.storage
    try:
        document.file = storage.save(path, ContentFile(content))
        with transaction.atomic():
            document.save()
    except BaseException:
        storage.delete(path)
        raise
    return document
