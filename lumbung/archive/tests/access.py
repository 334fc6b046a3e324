"""Who may take which territory's data out, and who may fetch the file."""

from django.utils import timezone

from lumbung.archive.export_actions import KIND
from lumbung.archive.jobs import export_file
from lumbung.places.models import Place
from lumbung.work.models import Job
from tests.access import Row, World, furnish, to


@furnish
def a_file(world: World) -> None:
    """A file that Ratna asked for and that was written."""
    job = world.things["export"] = Job.objects.create(
        kind=KIND,
        asked_by=world.cast("ratna"),
        asked_at=timezone.now(),
        run_after=timezone.now(),
        state=Job.State.DONE,
        payload={"place": str(Place.objects.get(code="33.26").uid)},
        result={"place": "33.26"},
    )
    export_file(job).parent.mkdir(exist_ok=True)
    export_file(job).write_bytes(b"PK")


ROWS = {
    "archive:export": Row(
        to("ratna"), post=to("ratna", 302), code=lambda world: "33.26"
    ),
    "archive:download": Row(to("ratna"), uid=lambda world: world.things["export"].uid),
}
