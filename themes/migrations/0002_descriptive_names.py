from typing import Any

from django.conf import settings
from django.db import migrations, models


def rename_permissions(apps: Any, schema_editor: Any) -> None:
    """Keep what groups and users were permitted: the names of permissions have the model's name in them."""
    Permission = apps.get_model("auth", "Permission")
    for old, new in {"owner": "themeowner", "device": "devicepreference", "presetepoch": "presetrevision"}.items():
        for permission in Permission.objects.filter(content_type__app_label="themes", codename__endswith=f"_{old}"):
            action = permission.codename.removesuffix(f"_{old}")
            permission.codename = f"{action}_{new}"
            permission.save()


class Migration(migrations.Migration):
    dependencies = [
        ("themes", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Owner", "ThemeOwner"),
        migrations.RenameModel("Device", "DevicePreference"),
        migrations.RenameModel("PresetEpoch", "PresetRevision"),
        migrations.RenameField("ThemeOwner", "fleeting", "ephemeral"),
        migrations.RenameField("ThemeOwner", "seen", "last_seen"),
        migrations.RenameField("Preset", "colours", "colors"),
        migrations.RenameField("Preset", "licence", "license"),
        migrations.RenameField("Preset", "changed", "updated_at"),
        migrations.RenameField("Preset", "seed", "shipped_digest"),
        migrations.AlterModelOptions("Theme", {}),
        migrations.AlterField(
            "Preset", "colors", models.JSONField(help_text="A color in #rrggbb for every token of themes/tokens.py.")
        ),
        migrations.AlterField(
            "Preset", "source", models.CharField(blank=True, help_text="Where its colors come from.", max_length=300)
        ),
        migrations.RenameField("Theme", "colours", "colors"),
        migrations.RenameField("Theme", "changed", "updated_at"),
        migrations.RenameField("Theme", "created", "created_at"),
        migrations.RenameField("Theme", "deleted", "deleted_at"),
        migrations.RenameField("Theme", "provenance", "origin_preset"),
        migrations.AlterField(
            "Theme", "colors", models.JSONField(help_text="A color in #rrggbb for every token of themes/tokens.py.")
        ),
        migrations.AlterModelOptions("Theme", {"ordering": ("created_at", "id")}),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
