import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("pupils", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.PositiveSmallIntegerField()),
                (
                    "pupil",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="pupils.pupil"),
                ),
            ],
        ),
    ]
