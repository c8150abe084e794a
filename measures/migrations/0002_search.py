from django.db import migrations

from dialog.search import indexes


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial")]

    operations = [
        migrations.RunPython(
            indexes("measures", "Resolution", "Measure", "CooperationAgreement"), migrations.RunPython.noop
        )
    ]
