"""Labels the fields of the admin's lists."""

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest


class LabelledRows:
    """Labels each editable field of a list with its column and row: screen readers do not use the column's heading."""

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the formset of the list, whose fields have accessible names."""
        base: Any = super().get_changelist_formset(request, **kwargs)  # type: ignore[misc]  # a mixin of ModelAdmin
        editable: tuple[str, ...] = self.list_editable  # type: ignore[attr-defined]

        class Rows(base):  # type: ignore[misc]  # the class is made at run time
            def add_fields(self, form: Any, index: int | None) -> None:
                super().add_fields(form, index)
                for name in editable:
                    field = form.fields[name]
                    # Django wraps the selection of a related row; copies of a wrapper share its own attributes.
                    wrapped = isinstance(field.widget, RelatedFieldWidgetWrapper)
                    widget = field.widget.widget if wrapped else field.widget
                    widget.attrs["aria-label"] = f"{field.label} of {form.instance}"

        return Rows
