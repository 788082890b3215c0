"""All statements about a synthetic organisation, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from aimsgraph.generate.controls import controls
from aimsgraph.generate.documents import documents
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.governance import governance
from aimsgraph.generate.impact import impact
from aimsgraph.generate.objectives import objectives
from aimsgraph.generate.operation import operation, outside_duties
from aimsgraph.generate.people import organisation
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.profile import Dossier, Parts, Profile
from aimsgraph.generate.record import Record
from aimsgraph.generate.release import release, tests
from aimsgraph.generate.risks import risks
from aimsgraph.generate.system import components, shared_by_systems, system
from aimsgraph.generate.units import shared_by_units


def shared(plan: Plan, frameworks: Frameworks) -> Iterator[Record]:
    """Yield all that does not belong to one AI system."""
    yield from organisation(plan)
    yield from documents(plan)
    yield from governance(plan, frameworks)
    yield from controls(plan, frameworks)
    yield from objectives(plan)
    yield from shared_by_units(plan)
    yield from shared_by_systems()


def dossier(plan: Plan, frameworks: Frameworks, number: int) -> Dossier:
    """Return all records of one AI system."""
    profile = Profile.draw(plan, number)
    return Dossier(profile, _parts(profile, frameworks))


def _parts(profile: Profile, frameworks: Frameworks) -> Parts:
    yield from system(profile)
    yield from components(profile)
    yield from risks(profile)
    yield from impact(profile)
    yield from tests(profile)
    yield from release(profile)
    yield from operation(profile)
    yield from outside_duties(profile, frameworks)
