from django.db import migrations

from dialog.search import indexes


class Migration(migrations.Migration):
    dependencies = [("dialog", "0001_initial")]

    operations = [
        migrations.RunPython(
            indexes("dialog", "Organization", "Process", "Body", "Declaration", "Recommendation", "Minutes"),
            migrations.RunPython.noop,
        )
    ]
