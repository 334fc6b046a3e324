"""What the import pages ask for, beside what each kind of import asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.pages.forms import Form

ACCEPT = ".xlsx,.xls,.ods,.csv,.txt"


class UploadForm(Form):
    """The file, the territory it is about, and the sheet if it is not the first."""

    upload = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, at most 200 MB."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    place = forms.CharField(
        label=_("Territory"),
        help_text=_("Code of the district or other place that the file is about."),
    )
    sheet = forms.CharField(
        label=_("Sheet"),
        required=False,
        max_length=100,
        help_text=_("Left empty, the first one with rows."),
    )


class DecideForm(Form):
    """What to do with a preview."""

    choice = forms.ChoiceField(
        choices=[("again", ""), ("accept", ""), ("reject", "")],
        initial="again",
    )
    upload = forms.FileField(
        label=_("Corrected file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if self.cleaned_data.get("choice") == "again" and not upload:
            raise forms.ValidationError(_("Choose the corrected file."))
        return upload
