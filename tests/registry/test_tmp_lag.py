import asyncio, time, pytest
from tests.registry.logged import ship
from tests.registry.test_incidents import QUESTION, TRAINEE, running
pytestmark = pytest.mark.anyio
async def test_lag(database_url, tmp_path):
    async with running(database_url, tmp_path) as plant:
        told = (await plant.post({"questions": [QUESTION, TRAINEE] * 5000}, "/can-operate/batch")).json()["decisions"]
        await ship(plant)
        worst = []; stop = False
        async def watch():
            while not stop:
                t = time.perf_counter(); await asyncio.sleep(0); worst.append(time.perf_counter() - t)
        w = asyncio.create_task(watch())
        t = time.perf_counter()
        a = await plant.client.post("/v1/incidents", json={"equipment": "FORK-07", "occurred_at": told[-1]["asked_at"], "code": "I"})
        print("post", a.status_code, time.perf_counter() - t, "worst ms", [round(x*1e3,1) for x in sorted(worst)[-8:]])
        worst.clear(); t = time.perf_counter()
        b = await plant.client.get("/v1/incidents/I")
        print("get", len(b.content), time.perf_counter() - t, "worst ms", [round(x*1e3,1) for x in sorted(worst)[-8:]])
        worst.clear(); t = time.perf_counter()
        b = await plant.client.get("/v1/decisions/export")
        print("export", len(b.content), time.perf_counter() - t, "worst ms", [round(x*1e3,1) for x in sorted(worst)[-8:]])
        stop = True; await w
