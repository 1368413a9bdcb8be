from traceback import format_exception
import pytest
from qualsvc.store.writing import write
from tests.store.test_private import refuse, PERSONAL
from tests.store.world import CLERK, plant, put
pytestmark = pytest.mark.anyio
async def test_x(engine):
    await write(engine, CLERK, plant())
    await refuse(engine)
    from sqlalchemy import event
    try:
        await write(engine, CLERK, [put("person", **PERSONAL)])
    except Exception as e:
        print("".join(format_exception(e)))
        while e is not None:
            print("CHAIN", type(e), repr(str(e)), getattr(e,'detail',None), type(e.__cause__), type(e.__context__), e.__suppress_context__)
            e=e.__cause__
