"""The cast. Every test knows these people and these places.

Ratna is the district officer of Pekalongan, Slamet coordinates the sub-district
Paninggaran, Siti facilitates it, Yusuf is treasurer in Botosari. Budi is the officer
of Kampar and must see nothing of Pekalongan. Maria audits all and changes nothing.
Ani administers the installation; nobody gave Tono anything. Hendra funds
the laboratory. The laboratory (`lab`)
runs on a pack of three steps, and Botosari's `case` has just been opened.
"""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.core.cache import caches
from django.utils import timezone

from lumbung.accounts.models import Ability, Mandate, Role, User
from lumbung.core.editions import Comparison
from lumbung.places import actions as places
from lumbung.places import rows
from lumbung.places.changes import DEPTHS
from lumbung.places.editions import read, shipped
from lumbung.places.models import Level, Place, PlaceCode
from lumbung.places.plans import Plan
from lumbung.programmes import actions
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.packs.pack import pack_of
from lumbung.programmes.tests import three_steps

LONG_AGO = date(2017, 1, 1)
KINDS = ["negara", "provinsi", "kabupaten", "kecamatan", "desa"]

# The `indonesia` pack's roles, so far as the cast needs them: rank, levels, abilities.
WORKING = ["evidence.add", "fact.declare", "decision.record"]
LEADING = [
    *WORKING,
    *("case.open", "case.move", "case.hold", "case.hand_over", "override"),
    *("import", "mandate.give", "audit.read", "evidence.locate"),
]
ROLES: dict[str, tuple[int, list[int], list[str]]] = {
    "administrator": (
        0,
        [0, 1, 2],
        ["mandate.give", "audit.read", "pack.load", "place.update", "import"],
    ),
    "national_officer": (10, [0], LEADING),
    "auditor": (15, [0, 1, 2], ["audit.read"]),
    "provincial_officer": (20, [1], LEADING),
    "district_officer": (30, [2], LEADING),
    "subdistrict_coordinator": (40, [3], [*WORKING, "case.move", "mandate.give"]),
    "facilitator": (50, [2, 3, 4], WORKING),
    "fund_officer": (60, [4], ["evidence.add", "fact.declare"]),
    "forum_member": (70, [0, 1, 2, 3, 4], []),
    "donor": (80, [0, 1, 2, 3, 4], ["funded.read"]),
}


def make_place(code: str, name: str, parent: Place | None = None) -> Place:
    level = Level.COUNTRY if parent is None else Level(parent.level + 1)
    path = (
        f"{code}."
        if parent is None
        else f"{parent.path}{code.rsplit('.', maxsplit=1)[-1]}."
    )
    place = Place.objects.create(
        code=code,
        path=path,
        level=level,
        kind=KINDS[level],
        name=name,
        parent=parent,
        time_zone="Asia/Jakarta",
    )
    scheme = PlaceCode.Scheme.KEMENDAGRI if parent else PlaceCode.Scheme.ISO
    PlaceCode.objects.create(place=place, scheme=scheme, code=code)
    return place


def load_district(code: str) -> Place:
    """Load one real territory of the shipped list, and what it lies in.

    `33.26` brings the 285 villages of Pekalongan. What is here already stays.
    """
    load_places(
        lambda other: other.startswith(f"{code}.") or f"{code}.".startswith(f"{other}.")
    )
    return Place.objects.in_force().get(code=code)


def load_places(wanted: Callable[[str], bool]) -> Place:
    """Load the places of the shipped list whose code is wanted; returns the country."""
    edition = read(shipped()[-1])
    here = set(Place.objects.in_force().values_list("code", flat=True))
    if "ID" not in here:
        make_place("ID", "Indonesia")
    missing = [other for other in edition.names if other not in here and wanted(other)]
    plan = Plan(edition, {}, Comparison(new=missing))
    entered = places.enter(edition)
    for depth in DEPTHS:
        places.open_places(plan, entered, depth)
    places.write_codes(entered)
    rows.analyse(PlaceCode)
    return Place.objects.get(code="ID")


def make_user(name: str) -> User:
    username = name.split(maxsplit=1)[0].lower()
    user = User.objects.create_user(username, password="rahasia sekali", name=name)
    assert isinstance(user, User)
    return user


def give(user: User, role: Role, place: Place, programme: str = "") -> Mandate:
    return Mandate.objects.create(
        user=user,
        role=role,
        place=place,
        programme=programme,
        starts_on=LONG_AGO,
        given_at=timezone.now(),
    )


@pytest.fixture
def roles(db: None) -> dict[str, Role]:
    made = {}
    for code, (rank, levels, abilities) in ROLES.items():
        role = Role.objects.create(
            code=code, name_id=code, name_en=code, rank=rank, levels=levels
        )
        Ability.objects.bulk_create(Ability(role=role, name=a) for a in abilities)
        made[code] = role
    return made


@pytest.fixture
def indonesia(db: None) -> Place:
    return make_place("ID", "Indonesia")


@pytest.fixture
def jawa_tengah(indonesia: Place) -> Place:
    return make_place("33", "Jawa Tengah", indonesia)


@pytest.fixture
def pekalongan(jawa_tengah: Place) -> Place:
    return make_place("33.26", "Kabupaten Pekalongan", jawa_tengah)


@pytest.fixture
def paninggaran(pekalongan: Place) -> Place:
    return make_place("33.26.02", "Paninggaran", pekalongan)


@pytest.fixture
def botosari(paninggaran: Place) -> Place:
    return make_place("33.26.02.2008", "Botosari", paninggaran)


@pytest.fixture
def kampar(indonesia: Place) -> Place:
    return make_place("14.01", "Kampar", make_place("14", "Riau", indonesia))


@pytest.fixture
def ratna(roles: dict[str, Role], pekalongan: Place) -> User:
    user = make_user("Ratna Dewi")
    give(user, roles["district_officer"], pekalongan)
    return user


@pytest.fixture
def slamet(roles: dict[str, Role], paninggaran: Place) -> User:
    user = make_user("Slamet Raharjo")
    give(user, roles["subdistrict_coordinator"], paninggaran)
    return user


@pytest.fixture
def siti(roles: dict[str, Role], paninggaran: Place) -> User:
    user = make_user("Siti Aminah")
    give(user, roles["facilitator"], paninggaran)
    return user


@pytest.fixture
def yusuf(roles: dict[str, Role], botosari: Place) -> User:
    user = make_user("Yusuf Hamdani")
    give(user, roles["fund_officer"], botosari)
    return user


@pytest.fixture
def budi(roles: dict[str, Role], kampar: Place) -> User:
    user = make_user("Budi Santoso")
    give(user, roles["district_officer"], kampar)
    return user


@pytest.fixture
def maria(roles: dict[str, Role], indonesia: Place) -> User:
    user = make_user("Maria Tambunan")
    give(user, roles["auditor"], indonesia)
    return user


@pytest.fixture
def ani(roles: dict[str, Role], indonesia: Place) -> User:
    user = make_user("Ani Wulandari")
    give(user, roles["administrator"], indonesia)
    return user


@pytest.fixture
def hendra(roles: dict[str, Role], pekalongan: Place) -> User:
    """A donor of the laboratory in Pekalongan."""
    user = make_user("Hendra Gunawan")
    give(user, roles["donor"], pekalongan, "lab")
    return user


@pytest.fixture
def tono(db: None) -> User:
    return make_user("Tono Tanpa")


@pytest.fixture(autouse=True)
def _packs_forgotten() -> Iterator[None]:
    """What is kept by primary key is another row in the next test's database."""
    pack_of.cache_clear()
    caches["pages"].clear()
    yield
    pack_of.cache_clear()
    caches["pages"].clear()


@pytest.fixture
def lab(db: None) -> Programme:
    return three_steps.load()


@pytest.fixture
def case(lab: Programme, botosari: Place, ratna: User) -> Case:
    return actions.open_case(
        programme=lab,
        template="village",
        title="",
        place=botosari,
        responsible=ratna,
        on=date(2017, 12, 4),
        by=ratna,
    )
