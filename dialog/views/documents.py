from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from dialog.forms.documents import DocumentForm
from dialog.http import SignedInRequest
from dialog.models import Document
from dialog.services import documents

#: What a browser shows safely in its own window; everything else is downloaded.
SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/webp"}


def document(request: HttpRequest, pk: int, filename: str = "") -> HttpResponseBase:
    """The only way to a stored file: whoever may not see it finds nothing."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    if filename != found.filename:
        return redirect(found, permanent=True)
    return serve(found)


def serve(found: Document) -> HttpResponseBase:
    """The file of a document that the reader may see."""
    try:
        content = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=found.content_type not in SHOWN,
        filename=found.filename,
        content_type=found.content_type,
    )
    if found.is_public:
        patch_cache_control(response, public=True, max_age=3600)
    else:
        patch_cache_control(response, private=True, no_store=True)
    return response


@login_required
def workspace_documents(request: SignedInRequest) -> HttpResponse:
    """Papers of the bodies that this account runs, and the form to add one."""
    if not request.user.has_perm("dialog.lead_body"):
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        documents.add(data.pop("file"), by=request.user, at=timezone.now(), **data)
        messages.success(request, _("Das Dokument ist gespeichert."))
        return redirect("workspace_documents")
    papers = Document.objects.visible_to(request.user).exclude(body=None).select_related("body", "meeting")[:100]
    return render(request, "dialog/workspace_documents.html", {"form": form, "documents": papers})
