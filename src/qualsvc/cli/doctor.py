"""`qualsvc doctor`: what is wrong with this installation, and what to do about it."""

import asyncio
import json
import os
import platform
from dataclasses import asdict
from typing import Annotated

import typer

from qualsvc.app import SPOOL, VERSION
from qualsvc.cli.failure import EXIT_FAILED
from qualsvc.clocks import SystemClock
from qualsvc.doctor.disk import user_name
from qualsvc.doctor.examination import CHECKS, examine
from qualsvc.doctor.findings import Finding, several


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look for what is wrong: Python, settings, disk, database, clock, migrations, keys, rules. Changes nothing.

    Leaves with 0 when there is no problem, else with 1; warnings are no problems.
    """
    found: list[Finding] = []

    def tell(finding: Finding) -> None:
        found.append(finding)
        if not as_json:
            print(shown(finding), flush=True)

    if not as_json:
        print(f"qualsvc {VERSION}, run as {user_name(os.geteuid())} on {platform.node()}\n", flush=True)
    asyncio.run(examine(os.environ, SPOOL, SystemClock(), tell))
    problems, warnings = (sum(finding.level == level for finding in found) for level in ("problem", "warning"))
    left = [check for check in CHECKS if check not in {finding.check for finding in found}]
    if as_json:
        findings = [asdict(finding) for finding in found]
        told = {"version": VERSION, "problems": problems, "warnings": warnings, "findings": findings, "not_looked_at": left}
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print("\n" + "; ".join([_counted(problems, warnings)] + [f"not looked at: {', '.join(left)}"] * bool(left)))
    if problems:
        raise SystemExit(EXIT_FAILED)


def shown(finding: Finding) -> str:
    """A finding as one line, or as three where there is something to do."""
    line = f"{finding.level:<8} {finding.check:<13} {finding.what}"
    return line if finding.level == "ok" else f"{line}\n  why: {finding.why}\n  do:  {finding.do}"


def _counted(problems: int, warnings: int) -> str:
    if not problems and not warnings:
        return "nothing wrong was found"
    return ", ".join(several(number, name) for number, name in ((problems, "problem"), (warnings, "warning")) if number)
