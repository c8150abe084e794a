from django.db import migrations

from dialog.search import indexes


class Migration(migrations.Migration):
    dependencies = [("conferences", "0002_initial")]

    operations = [migrations.RunPython(indexes("conferences", "Conference"), migrations.RunPython.noop)]
