"""The portal's addresses and the yardstick: a page that lists 25 measures and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils.functional import SimpleLazyObject

from luener_dialog.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401
from measures.models import Measure

BARE = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Maßnahmen</title></head><body>
<h1>Maßnahmen</h1><ul>{% for row in rows %}
<li><a href="{{ row.get_absolute_url }}">{{ row.title }}</a> {{ row.number }} {{ row.get_state_display }}
{{ row.progress }} {{ row.last_news_on }} {{ row.summary }}</li>{% endfor %}
</ul></body></html>"""

template = SimpleLazyObject(lambda: engines["django"].from_string(BARE))


SHOWN = ("number", "slug", "title", "state", "progress", "last_news_on", "summary")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(template.render({"rows": Measure.objects.only(*SHOWN)[:25]}, request))


urlpatterns = [path("nackt/", bare), *urlpatterns]
