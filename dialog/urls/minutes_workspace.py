"""Writing minutes, and the tasks that come of meetings."""

from django.urls import path, re_path

from dialog.views import tasks
from dialog.views import workspace_minutes as minutes

urlpatterns = [
    path("niederschriften/", minutes.workspace_minutes, name="workspace_minutes"),
    path("sitzungen/<int:pk>/niederschrift/", minutes.minutes_start, name="workspace_minutes_start"),
    path("niederschriften/<int:pk>/", minutes.minutes_write, name="workspace_minutes_write"),
    path("niederschriften/<int:pk>/stand/", minutes.minutes_now, name="workspace_minutes_now"),
    path("niederschriften/<int:pk>/berichtigung/", minutes.minutes_rectify, name="workspace_minutes_rectify"),
    path("niederschriften/<int:pk>/schritt/<slug:word>/", minutes.minutes_step, name="workspace_minutes_step"),
    path("niederschriften/<int:pk>/<int:item>/", minutes.minutes_text, name="workspace_minutes_text"),
    path("niederschriften/<int:pk>/<int:item>/fassungen/", minutes.minutes_versions, name="workspace_minutes_versions"),
    path("niederschriften/<int:pk>/<int:item>/korrektur/", minutes.minutes_correct, name="workspace_minutes_correct"),
    re_path(
        r"^niederschriften/(?P<pk>\d+)/(?P<item>\d+)/(?P<kind>beschluss|empfehlung|auftrag)/$",
        minutes.minutes_add,
        name="workspace_minutes_add",
    ),
    path("korrekturen/<int:pk>/", minutes.minutes_answer, name="workspace_minutes_answer"),
    path("beschluesse/<int:pk>/entfernen/", minutes.decision_take_back, name="workspace_decision_take_back"),
    path("auftraege/", tasks.workspace_tasks, name="workspace_tasks"),
    path("auftraege/<int:pk>/erledigt/", tasks.task_finish, name="workspace_task_finish"),
    path("auftraege/<int:pk>/offen/", tasks.task_reopen, name="workspace_task_reopen"),
]
