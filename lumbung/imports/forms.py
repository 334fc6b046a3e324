"""What the import pages ask for, beside what each kind of import asks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.pages.forms import Form
from lumbung.places.models import Place

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


OUT = "-"
ASKED_AT_ONCE = 100


class NamesForm(Form):
    """Asks of each doubtful name in a file which place it means."""

    def __init__(self, doubts: Sequence[dict[str, Any]], *args: Any) -> None:
        super().__init__(*args)
        self.doubts = {f"n{n}": doubt for n, doubt in enumerate(doubts)}
        self.doubts = dict(list(self.doubts.items())[:ASKED_AT_ONCE])
        self.later = max(0, len(doubts) - ASKED_AT_ONCE)
        where = trails({c for doubt in doubts for c in doubt["candidates"]})
        for name, doubt in self.doubts.items():
            places = [(code, where.get(code, code)) for code in doubt["candidates"]]
            self.fields[name] = forms.ChoiceField(
                label=doubt["written"],
                required=False,
                choices=[*places, (OUT, _("None of these: leave the rows out"))],
                initial=doubt["likely"],
                widget=forms.RadioSelect,
            )

    def choices(self) -> dict[str, str]:
        """What was decided: a place's code by the name as the file writes it."""
        said = {
            doubt["written"]: self.cleaned_data[name]
            for name, doubt in self.doubts.items()
        }
        return {name: "" if to == OUT else to for name, to in said.items() if to}

    def questions(self) -> list[dict[str, Any]]:
        """Each name with its field, for the page."""
        return [doubt | {"field": self[name]} for name, doubt in self.doubts.items()]


def trails(codes: set[str]) -> dict[str, str]:
    """Each place's name with what holds it: `Mulyorejo (33.26.15.2014), Tirto, …`."""
    places = list(Place.objects.in_force().filter(code__in=codes))
    paths = {path for place in places for path in place.ancestor_paths()}
    names = dict(Place.objects.filter(path__in=paths).values_list("path", "name"))
    return {
        place.code: ", ".join(
            [str(place), *(names[p] for p in reversed(place.ancestor_paths()[1:-1]))]
        )
        for place in places
    }
