"""The catalogue of statutory types is carried whole, with how well each row is known."""

import hashlib
from importlib import resources

import pytest

from qualsvc.data.catalogue import (
    COLUMNS,
    CatalogueError,
    CatalogueRow,
    carried_catalogue,
    certificate_type_documents,
    read_catalogue,
    verification,
)

HEAD = ",".join(COLUMNS)


def test_the_file_is_the_one_that_was_given() -> None:
    """The carried file is byte for byte the project's reference data."""
    content = resources.files("qualsvc.data").joinpath("cn_certificate_types.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "8a56eefcc0d4b9b2618c45db8c9e80b319671ad2e82e67d96ba70e48631fd052"


def test_every_row_is_read() -> None:
    """The rows come in the file's order, months as numbers or null."""
    rows = carried_catalogue()
    assert len(rows) == 73
    assert rows[0] == CatalogueRow(
        catalogue="aqsc-30-legacy",
        group="电工作业",
        code="1.1",
        name_zh="高压电工作业",
        validity_months=72,
        review_months=36,
        source="国家安全生产监督管理总局令第30号 特种作业目录 (repealed 2026-06-01 by 应急管理部令第19号)",
        verification="names secondary source, numbers unverified",
    )
    assert {row.review_months for row in rows if row.catalogue == "tsg-z6001-2019"} == {None}


def test_a_types_code_names_its_catalogue() -> None:
    """N1 of one catalogue is another type than N1 of the next."""
    old = read_catalogue(f"{HEAD}\ntsg-z6001-2013,,N1,叉车司机,48,,,\ntsg-z6001-2019,,N1,叉车司机,48,,,\n")
    assert [row.record_code for row in old] == ["tsg-z6001-2013:N1", "tsg-z6001-2019:N1"]


def test_a_row_becomes_a_statutory_type() -> None:
    """Catalogue, code, months and warnings are filled in, and the name shows how well the row is known."""
    documents = {document["code"]: document for document in certificate_type_documents(carried_catalogue())}
    assert documents["tsg-z6001-2019:N1"] == {
        "code": "tsg-z6001-2019:N1",
        "name": "叉车司机〔secondary source〕",
        "category": "statutory",
        "levels": [],
        "usable_while_renewing": False,
        "equivalents": [],
        "warning_days": [90, 60, 30],
        "catalogue": "tsg-z6001-2019",
        "catalogue_code": "N1",
        "validity_months": 48,
        "review_months": None,
    }


def test_no_verification_is_hidden() -> None:
    """Every type made from the catalogue shows its row's verification, and it can be asked for by record."""
    rows = carried_catalogue()
    for row, document in zip(rows, certificate_type_documents(rows), strict=True):
        assert row.verification in document["name"]
        assert verification(document) == row.verification
    assert verification({"catalogue": None, "catalogue_code": None}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "catalogue,code\n",
            "line 1: column `group`, `name_zh`, `validity_months`, `review_months`, `source`, `verification` is",
        ),
        (f"{HEAD}\na,,N1,x,48,,,\na,,N1,y,48,,,\n", "line 3: `a:N1` is there twice"),
        (f"{HEAD}\na,,N1,x,4 years,,,\n", "line 2: `validity_months` is `4 years`"),
        (f"{HEAD}\na,,N1,x,48,0,,\n", "line 2: `review_months` is `0`"),
        (f"{HEAD}\na,,,x,48,,,\n", "line 2: `code` is empty"),
        (f"{HEAD}\na,,N1\n", "line 2: fewer cells than columns"),
        (f"{HEAD}\na,,N1,x,48,,s,v,more\n", "line 2: more cells than columns"),
        (f'{HEAD}\na,,"N1"x,y,48,,,\n', "line 2: not readable as CSV"),
    ],
)
def test_a_faulty_catalogue_is_refused_by_line(text: str, message: str) -> None:
    """The message names the line, what is wrong there and what to write."""
    with pytest.raises(CatalogueError) as refused:
        read_catalogue(text)
    assert str(refused.value).startswith(message)
