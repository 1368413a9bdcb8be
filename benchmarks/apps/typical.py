"""What an endpoint costs in the framework before it does anything: three validated parameters and a response model."""

from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel

app = FastAPI()
Code = Annotated[str, Query(min_length=1, max_length=64)]


class Reason(BaseModel):
    """As an answer has it."""

    code: str
    rule: str | None
    message: str


class Told(BaseModel):
    """A part of what an answer says."""

    decision: str
    allowed: bool
    person: str
    equipment: str
    process: str
    obligations: list[list[str]]
    reasons: list[Reason]
    revision: int


@app.get("/can-operate")
async def can_operate(person: Code, equipment: Code, process: Code) -> Told:
    """Say no to everybody, in about as many bytes as an answer has."""
    reason = Reason(code="certificate_expired", rule="FORKLIFT-N1", message="certificate N1-88231 expired (2026-10-31)" * 4)
    return Told(
        decision="deny",
        allowed=False,
        person=person,
        equipment=equipment,
        process=process,
        obligations=[],
        reasons=[reason],
        revision=4211,
    )
