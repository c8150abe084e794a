from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """What this is, what is happening, how to join."""
    return render(request, "home.html")


def search(request: HttpRequest) -> HttpResponse:
    """Search over all that the reader may see."""
    return render(request, "search.html")
