"""The field force: technicians of every zone with their skills."""

import random

from faker import Faker

from atlas.demo import phones
from atlas.demo.rows import TechnicianRow, TechnicianSkillRow
from atlas.demo.zones import ZONES

#: What the crew of each zone can do, person by person.
CREW = (
    ("fibre_splicing", "pon"),
    ("fibre_splicing", "pon", "coax"),
    ("coax", "premises", "power"),
    ("radio", "premises"),
    ("pon", "premises"),
)


def technicians(seed: int) -> tuple[list[TechnicianRow], list[TechnicianSkillRow]]:
    """Five per zone; the first of each crew is always on shift, so that a splice can be sent for."""
    rng = random.Random(f"{seed}/field")
    faker = Faker("de_DE")
    faker.seed_instance(f"{seed}/field")
    people: list[TechnicianRow] = []
    skills: list[TechnicianSkillRow] = []
    names: set[str] = set()
    for facts in ZONES:
        for n, trained in enumerate(CREW):
            id_ = len(people) + 1
            phone = phones.landline(phones.LANDLINES - id_)
            on_shift = n == 0 or rng.random() < 0.7
            people.append(TechnicianRow(id_, _unused(names, faker), phone, facts.number, on_shift))
            skills += [TechnicianSkillRow(id_, skill) for skill in trained]
    return people, skills


def _unused(names: set[str], faker: Faker) -> str:
    name = f"{faker.first_name()} {faker.last_name()}"
    while name in names:
        name = f"{faker.first_name()} {faker.last_name()}"
    names.add(name)
    return name
