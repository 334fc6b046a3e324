"""The tables of an installation, as its own migrations left them.

An archive speaks of the models that belong to the database's migrations, not of
those of the program: so an older database can be backed up before it is migrated,
and an older backup is loaded into tables of its own time.
"""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.apps import apps as program
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

Node = tuple[str, str]
Model = type[models.Model]

# Models that are not ours and are not kept. Ours say so themselves: `backed_up = False`.
# Whoever was signed in signs in again; a session in a backup would be a key to a door.
NOT_KEPT = {"sessions.session", "usersessions.usersession"}


class NewerTables(Refusal):
    code = "newer_tables"


class OlderTables(Refusal):
    code = "older_tables"


def is_kept(label: str) -> bool:
    """Whether a model's rows go into backups. One that states nothing is kept."""
    if label in NOT_KEPT:
        return False
    try:
        return bool(getattr(program.get_model(label), "backed_up", True))
    except LookupError:  # a model of an earlier version
        return True


def left_out() -> list[str]:
    """The labels of models that no backup keeps."""
    every = program.get_models(include_auto_created=True)
    labels = (model._meta.label_lower for model in every if model._meta.managed)
    return sorted(label for label in labels if not is_kept(label))


def applied(connection: BaseDatabaseWrapper) -> set[Node]:
    """The migrations this database has seen; none where it has no tables."""
    return set(MigrationRecorder(connection).applied_migrations())


def ends(loader: MigrationLoader, nodes: Iterable[Node]) -> list[Node]:
    """The last migrations among `nodes` of each application: where to migrate to."""
    known = set(nodes)
    graph = loader.graph
    return sorted(
        node
        for node in known
        if not any(
            child.key in known and child.key[0] == node[0]
            for child in graph.node_map[node].children
        )
    )


def is_current(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables are those of this program."""
    return set(MigrationLoader(None).graph.nodes) <= applied(connection)


def older_tables() -> OlderTables:
    return OlderTables(
        Message("The tables are of an older version of Lumbung."),
        mend=Message("Run: lumbung upgrade"),
    )


def known_here(loader: MigrationLoader, nodes: Iterable[Node]) -> set[Node]:
    """`nodes`, all of which this program must know; or a refusal."""
    nodes = set(nodes)
    if unknown := sorted(nodes - set(loader.graph.nodes)):
        raise NewerTables(
            Message(
                "These tables are of a newer Lumbung: this one does not know"
                " “%(name)s”.",
                name=".".join(unknown[0]),
            ),
            mend=Message("Nothing was changed. Install the newer version first."),
        )
    return nodes


def tables(loader: MigrationLoader, nodes: Iterable[Node]) -> list[Model]:
    """The kept models after `nodes`, what others lean on first."""
    state = loader.project_state(ends(loader, nodes))
    return in_order(
        model
        for model in state.apps.get_models(include_auto_created=True)
        if is_table(model) and is_kept(model._meta.label_lower)
    )


def is_table(model: Model) -> bool:
    meta = model._meta
    return bool(meta.managed and not meta.proxy and not meta.swapped)


def in_order(chosen: Iterable[Model]) -> list[Model]:
    """Models by their labels, each after those that its rows name."""
    by_label = {model._meta.label_lower: model for model in chosen}
    leans = {
        label: sorted(set(targets(model)) & by_label.keys() - {label})
        for label, model in sorted(by_label.items())
    }
    try:
        order = list(TopologicalSorter(leans).static_order())
    except CycleError:  # loading holds constraints back, so any order will do
        order = sorted(by_label)
    return [by_label[label] for label in order]


def targets(model: Model) -> list[str]:
    return [f.related_model._meta.label_lower for f in foreign_keys(model)]


def foreign_keys(model: Model) -> "list[models.ForeignKey[Any, Any]]":
    return [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]


def columns(model: Model) -> list[str]:
    """The names of a table's columns, as Django's rows call them."""
    return [field.attname for field in model._meta.concrete_fields]
