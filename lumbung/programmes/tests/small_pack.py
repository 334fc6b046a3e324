"""A small pack, sound as it stands; each test breaks one thing in it."""

from pathlib import Path

HEAD = """\
code: kecil
version: "1.0"
name: {id: Paket kecil, en: Small pack}
status: local
valid_from: 2020-01-01
"""
SOURCES = """\
id,kind,title,url
surat,document,Surat Bupati,
sendiri,own,Usulan sendiri,
"""
ROLES = """\
- id: district_officer
  name: {id: Petugas kabupaten, en: District officer}
  rank: 30
  levels: [2]
  abilities: [case.open, case.move]
  status: local
  source: surat
"""
FACTS = """\
- id: members
  name: {id: Anggota, en: Members}
  type: count
  status: local
  source: surat
- id: women
  name: {id: Anggota perempuan, en: Women members}
  type: share
  status: local
  source: surat
"""
PROGRAMMES = """\
- id: kecil
  name: {id: Kecil, en: Small}
  summary: {id: Program kecil, en: A small programme}
  templates: [group]
  status: local
  source: surat
"""
TEMPLATE = """\
id: group
name: {id: Kelompok, en: Group}
subject: {id: Kelompok, en: Group}
prefix: KC
programme: kecil
status: local
source: surat
steps:
  - id: formed
    name: {id: Terbentuk, en: Formed}
    purpose: {id: Kelompok berdiri, en: The group exists}
    decides: {id: Rapat anggota, en: Members' meeting}
    movers: [district_officer]
    expected_days: 30
    declares: [members, women]
    evidence:
      - {id: minutes, at_least: 1, name: {id: Berita acara, en: Minutes}}
    gate:
      all_of:
        - {fact: "evidence:minutes", at_least: 1}
        - {fact: "declared:members", at_least: 5}
        - {fact: "declared:women", at_least: 30 %}
    status: local
    source: surat
  - id: saving
    name: {id: Menabung, en: Saving}
    purpose: {id: Kelompok menabung, en: The group saves}
    decides: {id: Rapat anggota, en: Members' meeting}
    gate: {fact: "days:in_step", at_least: 90}
    returns: [formed]
    status: example
    source: sendiri
outcomes:
  - {id: grown, name: {id: Tumbuh, en: Grown}}
"""
FILES = {
    "pack.yaml": HEAD,
    "sources.csv": SOURCES,
    "roles.yaml": ROLES,
    "facts.yaml": FACTS,
    "programmes.yaml": PROGRAMMES,
    "templates/group.yaml": TEMPLATE,
}


def write(folder: Path, **changed: str) -> Path:
    """Write the small pack into `folder`; `changed` replaces files by their stem."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, text))
    return folder
