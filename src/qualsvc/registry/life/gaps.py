"""What a person still lacks for their posts: told beside a hiring or a transfer, by the kernel alone."""

from collections.abc import Iterable

from qualsvc.http.problems import Problem
from qualsvc.kernel.messages import Language
from qualsvc.kernel.posts import Post
from qualsvc.kernel.reason_documents import reason_documents
from qualsvc.records.documents import Document
from qualsvc.registry.life.forms import Moment, NewPost
from qualsvc.registry.wiring import Wiring
from qualsvc.store.pacing import paced


async def gaps(
    wiring: Wiring, person: str, moment: Moment, posts: Iterable[NewPost], language: Language
) -> list[Document] | None:
    """Each post with its pairs of equipment and process, how many are open to the person, and what is lacking.

    As of the beginning of the posts, or of now where that is past. It is reckoned when it is answered and is not part of
    what an Idempotency-Key keeps: asked again, the request tells what is lacking still.
    None while there are no fresh facts here; the write stands all the same.
    """
    try:
        snapshot = wiring.held().snapshot
    except Problem:
        return None
    now = wiring.now()
    told: list[Document] = []
    for each in posts:
        post = Post(snapshot, person, each.position, max(moment.instant(now), now))
        async for _ in paced(post.reckon()):
            pass
        numbers = {"pairs": post.pairs, "allowed": post.allowed, "conditional": post.conditional}
        told.append({"position": post.position} | numbers | {"lacks": reason_documents(post.lacks, language)})
    return told
