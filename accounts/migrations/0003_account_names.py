from itertools import groupby
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.names import canonical


def store_names(apps: Any, schema_editor: Any) -> None:
    """Store the canonical name of every account; where several have one, it is the oldest account's.

    The others keep signing in with the names that they have. They are printed, for an administrator to rename.
    """
    User = apps.get_model(settings.AUTH_USER_MODEL)
    AccountName = apps.get_model("accounts", "AccountName")
    accounts = sorted((canonical(name), pk, name) for pk, name in User.objects.values_list("pk", "username"))
    for name, group in groupby(accounts, key=lambda account: account[0]):
        (_, oldest, written), *others = group
        AccountName.objects.create(user_id=oldest, canonical=name)
        for _, pk, other in others:
            print(
                f"\n  The accounts {written!r} ({oldest}) and {other!r} ({pk}) have names that differ in case or form"
                f" alone. Both can sign in as before, but please rename one of them at /admin/auth/user/{pk}/change/."
            )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sessions_of_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountName",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="canonical_name",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("canonical", models.CharField(max_length=600, unique=True)),
            ],
        ),
        migrations.RunPython(store_names, migrations.RunPython.noop),
    ]
