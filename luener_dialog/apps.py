from django.apps import AppConfig


class LuenerDialogConfig(AppConfig):
    name = "luener_dialog"
    verbose_name = "Lüner Dialog"
