from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class LuenerDialogConfig(AppConfig):
    default = True
    name = "luener_dialog"
    verbose_name = "Lüner Dialog"


class StaticFiles(StaticFilesConfig):
    """Leaves out what no page of the portal uses: of KERN's fonts and style sheets the greater part, 20 MB in all."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("noto-sans", "noto-sans.css", "fira-sans.css"),
        # Three weights stay: paper falls back on them.
        *("FiraSans-[!RSI]*", "FiraSans-SemiBoldItalic*"),
        *("kern.css", "kern-grid*", "kern-utilities*"),
    ]
