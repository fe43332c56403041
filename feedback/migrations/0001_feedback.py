"""Tables of the feedback."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create ratings and reports."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("score", models.PositiveSmallIntegerField()),
                ("words", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("score__range", (1, 5))), name="rating_score")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadingReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("text", models.TextField(max_length=2000)),
                ("voice", models.CharField(blank=True, max_length=100)),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="what is wrong")),
            ],
        ),
    ]
