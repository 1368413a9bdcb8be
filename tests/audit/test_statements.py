"""Checkpoints: who rewrites the log has to answer to what was signed, and to what a witness was told."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from qualsvc.audit.checkpoints import hand_over
from qualsvc.audit.signing import canonical
from qualsvc.audit.verdict import Witnessed
from qualsvc.shipping.rows import made
from qualsvc.store.chain import chained
from tests.audit.log import ANOTHER, END, KEY, Log

pytestmark = pytest.mark.anyio


async def forged(log: Log) -> None:
    """Row 5 edited, and the whole chain made anew over it: rows, record, and links."""
    await log.execute("UPDATE decision SET decision = 'allow' WHERE boot_id = $1 AND sequence = 5", log.living)
    await log.rehash(log.living)


async def test_a_chain_made_anew_is_held_against_the_checkpoint(log: Log) -> None:
    """Nothing within the chain tells; what a checkpoint saw of the head does."""
    await log.goes_on()
    assert [] == await log.faults()
    made = await log.checkpoint()
    await forged(log)
    by = f"checkpoint 1 of {made.at}"
    altered = "it was altered, or one from row 0 on was and the hashes after it made anew"
    assert [f"boot B: row 15 is not as {by} saw it: {altered}"] == await log.faults()


async def test_what_an_older_checkpoint_saw_bounds_it(log: Log) -> None:
    """Rows that an earlier checkpoint still bears out are not among those suspected."""
    await log.checkpoint()
    await log.goes_on()
    made = await log.checkpoint()
    await log.execute("UPDATE decision SET decision = 'allow' WHERE boot_id = $1 AND sequence = 13", log.living)
    await log.rehash(log.living)
    altered = "it was altered, or one from row 11 on was and the hashes after it made anew"
    assert [f"boot B: row 15 is not as checkpoint 2 of {made.at} saw it: {altered}"] == await log.faults()


async def test_a_chain_made_anew_without_checkpoints_is_held_against_the_witness(log: Log) -> None:
    """With the checkpoints deleted too, the witness remembers them."""
    made = await log.checkpoint()
    await forged(log)
    await log.execute("DELETE FROM checkpoint")
    faults = await log.faults(made)
    assert f"checkpoint 1 of {made.at} is missing; the witness was told of it" == faults[0]
    assert faults[1].startswith(f"boot B: row 10 is not as checkpoint 1 of {made.at} saw it: ")


@pytest.mark.parametrize("witnessed", [False, True])
async def test_a_tail_is_cut_off_and_the_record_forged(log: Log, witnessed: bool) -> None:
    """A record that is moved back with the rows hides them from the chain, not from checkpoint or witness."""
    made = await log.checkpoint()
    await log.execute("DELETE FROM decision WHERE boot_id = $1 AND sequence > 6", log.living)
    await log.rehash(log.living)
    if witnessed:
        await log.execute("DELETE FROM checkpoint")
    faults = await log.faults(*[made] * witnessed)
    assert f"boot B: rows 7 to 10 are missing; checkpoint 1 of {made.at} saw row 10" == faults[-1]
    assert 1 + witnessed == len(faults)


@pytest.mark.parametrize(
    "change", ["body = replace(body, 'heads', 'Heads')", "signature = repeat('00', 64)", "key = repeat('00', 32)"]
)
async def test_a_checkpoint_is_edited(log: Log, change: str) -> None:
    """Its signature is that of its text, or it is not believed."""
    await log.checkpoint()
    await log.execute(f"UPDATE checkpoint SET {change}")
    assert ["checkpoint 1 was edited: its signature is not that of its text"] == await log.faults()


async def test_a_checkpoint_is_dated_otherwise(log: Log) -> None:
    """Number and time are signed too."""
    await log.checkpoint()
    await log.execute("UPDATE checkpoint SET at = at - interval '1 day'")
    assert ["checkpoint 1 was edited: kind, number or time are not those that were signed"] == await log.faults()


async def test_a_checkpoint_is_deleted(log: Log) -> None:
    """From the middle it is missed by the next one; from the end, by the witness."""
    first = await log.checkpoint()
    await log.goes_on()
    second = await log.checkpoint()
    await log.execute("DELETE FROM checkpoint WHERE n = 1")
    assert ["checkpoint 1 is missing"] == await log.faults()
    await log.execute("DELETE FROM checkpoint")
    assert [] == await log.faults()
    told = [f"checkpoint {each.n} of {each.at} is missing; the witness was told of it" for each in (first, second)]
    assert told == await log.faults(first, second)


async def test_a_checkpoint_by_another_key(log: Log) -> None:
    """One that somebody else signed over a forged log proves nothing."""
    await log.checkpoint()
    await forged(log)
    await log.execute("DELETE FROM checkpoint")
    await log.checkpoint(ANOTHER)
    foreign = f"checkpoint 1 is signed by {ANOTHER.public}, a key that is not trusted"
    assert [foreign] == await log.faults()
    assert [] == await log.faults(keys=[KEY, ANOTHER])


async def test_a_checkpoint_that_was_signed_anew(log: Log) -> None:
    """The key in hand, a checkpoint can be made anew; not what the witness was told, nor what the next one follows on."""
    first = await log.checkpoint()
    await log.goes_on()
    await log.checkpoint()
    body = canonical(json.loads(first.body) | {"heads": []})
    await log.execute("UPDATE checkpoint SET body = $1, signature = $2 WHERE n = 1", body, KEY.sign(body))
    order = "checkpoint 2 was not made to follow on checkpoint 1 as it is now"
    assert [order] == await log.faults()
    assert [order, f"checkpoint 1 of {first.at} is not here as the witness was told of it"] == await log.faults(first)


async def test_without_a_key_to_trust(log: Log) -> None:
    """It is said that signatures say nothing then of who signed."""
    await log.checkpoint(ANOTHER)
    verdict = await log.verdict(keys=())
    assert verdict.is_sound
    (warning,) = verdict.warnings
    assert warning.startswith("no key is known to trust: ")
    assert ANOTHER.public in warning


async def test_without_a_checkpoint(log: Log) -> None:
    """It is said what would not be noticed."""
    (warning,) = (await log.verdict()).warnings
    assert warning.startswith("there is no checkpoint: ")


async def test_rows_long_after_the_last_checkpoint(log: Log) -> None:
    """So it is when the last ones are gone, or none were made for long."""
    made = await log.checkpoint()
    await log.goes_on(month="2030-01")
    (warning,) = (await log.verdict()).warnings
    assert warning.startswith(f"the last checkpoint is of {made.at}: ")


async def test_a_witness_that_was_told_of_another_past(log: Log) -> None:
    """Two statements under one number: somebody had another log witnessed meanwhile."""
    made = await log.checkpoint()
    await log.execute("DELETE FROM checkpoint")
    again = await log.checkpoint()
    assert [
        f"checkpoint 1 of {made.at} is not here as the witness was told of it",
        f"checkpoint 1 of {again.at}: the witness was told of another one under this number before",
    ] == await log.faults(made, again)


async def test_a_key_that_is_not_given(log: Log) -> None:
    """One fault for all its statements, told or not; that the witness was told of them is no less so."""
    made = []
    for _ in range(3):
        await log.goes_on()
        made.append(await log.checkpoint(ANOTHER))
    assert [f"checkpoints 1 to 3 are signed by {ANOTHER.public}, a key that is not trusted"] == await log.faults(*made)
    assert [] == (await log.verdict(*made, keys=[KEY])).warnings[1:]  # the first says that nothing believable was signed


async def test_a_key_hands_over(log: Log) -> None:
    """Whoever trusts the old key may trust the new one by its word, and the other way round."""
    await log.checkpoint()
    await hand_over(log.connection, KEY, ANOTHER)
    await log.goes_on()
    await log.checkpoint(ANOTHER)
    assert [[], []] == [await log.faults(keys=[KEY]), await log.faults(keys=[ANOTHER])]


async def test_a_key_does_not_make_itself_a_successor(log: Log) -> None:
    """A new key that names the old one is not trusted for that."""
    await log.checkpoint()
    await hand_over(log.connection, ANOTHER, KEY)
    await log.execute("DELETE FROM checkpoint WHERE n = 3")  # where our key says that it took over
    assert [f"checkpoint 2 is signed by {ANOTHER.public}, a key that is not trusted"] == await log.faults()


async def test_a_checkpoint_says_what_is_there(log: Log) -> None:
    """The heads of boots that answer or were closed since the last one, and the latest link, in a chain of its own."""
    first = await log.checkpoint()
    await log.goes_on()
    second = await log.checkpoint()
    bodies = [json.loads(each.body) for each in (first, second)]
    assert sorted([[log.boot, END], [log.living, 10]]) == [head[:2] for head in bodies[0]["heads"]]
    assert [[log.living, 15]] == [head[:2] for head in bodies[1]["heads"]]
    assert [3, 3] == [body["link"]["n"] for body in bodies]
    assert [None, sha256(first.body.encode()).hexdigest()] == [body["previous"] for body in bodies]


async def gap_forged(log: Log, first: int, last: int) -> None:
    """Rows `first` to `last` of the living boot, the last ones, are one row `gap` now, with the right hash."""
    before = await log.connection.fetchval(
        "SELECT hash FROM decision WHERE boot_id = $1 AND sequence = $2", log.living, first - 1
    )
    await log.execute("DELETE FROM decision WHERE boot_id = $1 AND sequence >= $2", log.living, first)
    payload = json.dumps({"gap": {"from": first, "to": last + 1}})
    line = made(log.living, last + 1, "gap", "2026-11-21T05:00:00Z", payload).line
    digest = chained(before, line)
    await log.execute(
        "INSERT INTO decision (boot_id, sequence, logged_at, kind, payload, hash)"
        " VALUES ($1, $2, '2026-11-21T05:00:00Z', 'gap', $3, $4)",
        *(log.living, last + 1, payload, digest),
    )
    update = "UPDATE decision_boot SET sequence = $2, hash = $3, logged_at = '2026-11-21T05:00:00Z' WHERE boot_id = $1"
    await log.execute(update, log.living, last + 1, digest)


async def test_a_gap_is_forged_over_rows_that_were_seen(log: Log) -> None:
    """Records lost before they were kept were never in the table: what a checkpoint saw cannot be among them."""
    await log.checkpoint()
    await log.goes_on()
    seen = await log.checkpoint()
    await gap_forged(log, 8, 15)
    why = f"checkpoint 2 of {seen.at} saw row 15, and a row `gap` says that records 8 to 16 were lost before they were kept"
    expected = f"boot B: rows 8 to 15 are missing; {why}: it was forged"
    assert [expected] == await log.faults()
    await log.execute("DELETE FROM checkpoint WHERE n = 2")
    assert expected in await log.faults(seen)


async def test_a_gap_over_rows_that_nobody_saw(log: Log) -> None:
    """The log itself says that they were lost; nothing tells otherwise."""
    await log.checkpoint()
    await log.goes_on()
    await gap_forged(log, 11, 15)
    verdict = await log.verdict()
    assert ([], [(log.living, 11, 16)]) == (verdict.faults.listed, verdict.lost)


async def test_what_no_witness_was_told(log: Log) -> None:
    """A statement in the midst of others, or an hour old, is told by now, or somebody silenced the witness."""
    first = await log.checkpoint()
    await log.goes_on()
    second = await log.checkpoint()
    late = "was never told to any witness given: somebody silenced it, or it is a copy made before then"
    assert [f"checkpoint 1 of {first.at} {late}"] == await log.faults(second)
    just_now = await log.verdict(first)
    assert ([], ["witness: 1 of 2 statements kept here are not told there"]) == (just_now.faults.listed, just_now.warnings)
    assert [] == await log.faults(first, second)
    both = [Witnessed("one", [first]), Witnessed("other", [second])]
    assert (await log.verdict(witnesses=both)).is_sound


async def test_a_witness_silenced_for_long(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """All after the last one that it was told of, too, once they are old."""
    first = await log.checkpoint()
    await log.goes_on()
    second = await log.checkpoint()
    await log.goes_on()
    third = await log.checkpoint()
    monkeypatch.setattr("qualsvc.audit.trust._AWAY", timedelta(0))
    (fault,) = await log.faults(first)
    assert fault.startswith(f"checkpoint 2 of {second.at}, and 1 more up to 3 of {third.at}, were never told to any witness")
