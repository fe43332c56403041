from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def rename_permissions(apps: Any, schema_editor: Any) -> None:
    """Keep what groups and users were permitted: the names of permissions have the model's name in them."""
    Permission = apps.get_model("auth", "Permission")
    for old, new in {"signedin": "accountsession"}.items():
        for permission in Permission.objects.filter(content_type__app_label="accounts", codename__endswith=f"_{old}"):
            action = permission.codename.removesuffix(f"_{old}")
            permission.codename = f"{action}_{new}"
            permission.save()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_account_names"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("SignedIn", "AccountSession"),
        migrations.RenameField("AccountSession", "since", "signed_in_at"),
        migrations.RenameField("AccountSession", "seen", "last_seen_at"),
        migrations.RenameField("AccountSession", "agent", "user_agent"),
        migrations.AlterModelOptions("AccountSession", {"ordering": ["-last_seen_at"]}),
        migrations.AlterField(
            "AccountSession",
            "user",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="account_sessions", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
