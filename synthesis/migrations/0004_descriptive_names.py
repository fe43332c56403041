from typing import Any

from django.conf import settings
from django.db import migrations, models


def rename_permissions(apps: Any, schema_editor: Any) -> None:
    """Keep what groups and users were permitted: the names of permissions have the model's name in them."""
    Permission = apps.get_model("auth", "Permission")
    for old, new in {"limits": "limitpolicyrow"}.items():
        for permission in Permission.objects.filter(content_type__app_label="synthesis", codename__endswith=f"_{old}"):
            action = permission.codename.removesuffix(f"_{old}")
            permission.codename = f"{action}_{new}"
            permission.save()


class Migration(migrations.Migration):
    dependencies = [
        ("synthesis", "0003_more_limits"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField("Voice", "licence", "license"),
        migrations.RemoveConstraint("Limits", "one_row_of_limits_an_audience"),
        migrations.RemoveConstraint("Limits", "limits_of_a_group_name_it"),
        migrations.AlterModelOptions("Limits", {}),
        migrations.RenameModel("Limits", "LimitPolicyRow"),
        migrations.RenameField("LimitPolicyRow", "audience", "scope"),
        migrations.RenameField("LimitPolicyRow", "changed", "updated_at"),
        migrations.RenameField("LimitPolicyRow", "requests", "requests_per_minute"),
        migrations.RenameField("LimitPolicyRow", "characters", "characters_per_minute"),
        migrations.RenameField("LimitPolicyRow", "text", "max_text_length"),
        migrations.RenameField("LimitPolicyRow", "queue", "max_queue_length"),
        migrations.RenameField("LimitPolicyRow", "utterances", "max_concurrent_utterances"),
        migrations.RenameField("LimitPolicyRow", "sockets", "max_connections"),
        migrations.RenameField("LimitPolicyRow", "symbols", "allowed_symbols"),
        migrations.RenameField("LimitPolicyRow", "phrases", "max_cached_segments"),
        migrations.AlterModelOptions(
            "LimitPolicyRow", {"ordering": ["-scope", "group__name"], "verbose_name": "limits", "verbose_name_plural": "limits"}
        ),
        migrations.AddConstraint(
            "LimitPolicyRow",
            models.UniqueConstraint(
                fields=["scope"], condition=~models.Q(scope="group"), name="one_limit_policy_row_per_scope"
            ),
        ),
        migrations.AddConstraint(
            "LimitPolicyRow",
            models.CheckConstraint(
                condition=models.Q(scope="group", group__isnull=False)
                | (~models.Q(scope="group") & models.Q(group__isnull=True)),
                name="limits_of_a_group_name_it",
                violation_error_message="Choose a group if, and only if, the limits are those of a group.",
            ),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
