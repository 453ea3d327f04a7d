"""Where an answer of Z-Image may say that the picture is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.hostile.showing import ask
from tests.hostile.test_pictures import PICTURE, raw, shown_for
from tests.journeys.stage import Stage, staged
from tests.journeys.test_imagine import SMALL
from tests.providers.raw_server import http
from tests.robustness.rows import WHOLE, rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "Signature=secret"
LISTED = "x.aliyuncs.com"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def careless_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Of an operator who put a name of this machine on the list."""
    async with staged(tmp_path_factory.mktemp("stage"), bot=False) as stage:
        stage.environment["ZIMAGE_RESULT_HOSTS"] = "*.aliyuncs.com, https://localhost"
        await stage.start_bot()
        yield stage


def url(value: Any) -> dict[str, Any]:
    changes = {"output.choices.0.message.content.0.image": value}
    return {"server": "zimage", "kind": "changed_answer", "changes": changes, "match": "POST *"}


REFUSED = {
    "empty of a host": "https://",
    "empty of a host with a path": f"https:///a.png?{SECRET}",
    "a word": "picture.png",
    "a path": f"/oss/a.png?{SECRET}",
    "without a scheme": f"{LISTED}/a.png?{SECRET}",
    "relative to a scheme": f"//{LISTED}/a.png?{SECRET}",
    "one slash": f"https:/{LISTED}/a.png?{SECRET}",
    "no slash": f"https:{LISTED}/a.png?{SECRET}",
    "ftp": f"ftp://{LISTED}/a.png?{SECRET}",
    "a file": "file:///etc/passwd",
    "a file on a host": f"file://{LISTED}/etc/passwd",
    "gopher": f"gopher://{LISTED}:443/_GET",
    "websocket": f"wss://{LISTED}/a.png?{SECRET}",
    "data": "data:image/png;base64,iVBORw0KGgo=",
    "a script": "javascript:alert(1)",
    "an unknown scheme": f"{'s' * 5000}://{LISTED}/a.png",
    "another host": f"https://example.org/a.png?{SECRET}",
    "another host in http": f"http://example.org/a.png?{SECRET}",
    "the domain alone": f"https://aliyuncs.com/a.png?{SECRET}",
    "a domain that ends alike": f"https://evilaliyuncs.com/a.png?{SECRET}",
    "the name at the beginning": f"https://{LISTED}.example.org/a.png?{SECRET}",
    "the name in the path": f"https://example.org/.aliyuncs.com?{SECRET}",
    "the name in the query": f"https://example.org?.aliyuncs.com&{SECRET}",
    "the name in the fragment": f"https://example.org#.aliyuncs.com?{SECRET}",
    "the name as a user": f"https://{LISTED}@example.org/a.png?{SECRET}",
    "the name as a password": f"https://a:{LISTED}@example.org/a.png?{SECRET}",
    "a user": f"https://user@{LISTED}/a.png?{SECRET}",
    "a user and a password": f"https://user:password@{LISTED}/a.png?{SECRET}",
    "an empty user": f"https://@{LISTED}/a.png?{SECRET}",
    "a backslash": f"https://example.org\\@{LISTED}/a.png?{SECRET}",
    "a backslash for a slash": f"https:\\\\{LISTED}\\a.png?{SECRET}",
    "an escape for the host's end": f"https://127.0.0.1%2f.aliyuncs.com/a.png?{SECRET}",
    "a zero byte": f"https://127.0.0.1%00.aliyuncs.com/a.png?{SECRET}",
    "an escaped dot": f"https://x%2ealiyuncs.com/a.png?{SECRET}",
    "a zone": f"https://[::1%25x.aliyuncs.com]/a.png?{SECRET}",
    "a future address": f"https://[v1.x.aliyuncs.com]/a.png?{SECRET}",
    "a bracket": f"https://[{LISTED}/a.png?{SECRET}",
    "two dots": f"https://x..aliyuncs.com/a.png?{SECRET}",
    "no label": f"https://.aliyuncs.com/a.png?{SECRET}",
    "a label too long": f"https://{'x' * 64}.aliyuncs.com/a.png?{SECRET}",
    "a name too long": f"https://{'x.' * 200}aliyuncs.com/a.png?{SECRET}",
    "a star": f"https://*.aliyuncs.com/a.png?{SECRET}",
    "a letter from elsewhere": f"https://x.аliyuncs.com/a.png?{SECRET}",
    "a full stop from elsewhere": f"https://x。aliyuncs.com/a.png?{SECRET}",
    "a soft hyphen": f"https://x.ali\u00adyuncs.com/a.png?{SECRET}",
    "loopback": f"https://127.0.0.1/a.png?{SECRET}",
    "loopback in http": f"http://127.0.0.1/a.png?{SECRET}",
    "loopback's other port": f"http://127.0.0.1:1/a.png?{SECRET}",
    "loopback by name": f"http://localhost/a.png?{SECRET}",
    "loopback as a number": f"https://2130706433/a.png?{SECRET}",
    "loopback in short": f"https://127.1/a.png?{SECRET}",
    "loopback in hexadecimal": f"https://0x7f.0.0.1/a.png?{SECRET}",
    "loopback in octal": f"https://0177.0.0.1/a.png?{SECRET}",
    "loopback in IPv6": f"https://[::1]/a.png?{SECRET}",
    "loopback wrapped": f"https://[::ffff:127.0.0.1]/a.png?{SECRET}",
    "any address": f"https://0.0.0.0/a.png?{SECRET}",
    "a private address": f"https://10.0.0.7/a.png?{SECRET}",
    "the cloud's keys": "http://169.254.169.254/latest/meta-data/iam",
    "the cloud's keys at Alibaba": "http://100.100.100.200/latest/meta-data/ram",
    "another port": f"https://{LISTED}:8443/a.png?{SECRET}",
    "http's port": f"https://{LISTED}:80/a.png?{SECRET}",
    "https's port in http": f"http://{LISTED}:443/a.png?{SECRET}",
    "port zero": f"https://{LISTED}:0/a.png?{SECRET}",
    "no such port": f"https://{LISTED}:99999/a.png?{SECRET}",
    "a negative port": f"https://{LISTED}:-1/a.png?{SECRET}",
    "a port in words": f"https://{LISTED}:https/a.png?{SECRET}",
    "two ports": f"https://{LISTED}:443:443/a.png?{SECRET}",
    "a blank inside": f"https://{LISTED}/a b.png?{SECRET}",
    "a line's end": f"https://{LISTED}/a.png?{SECRET}\r\nHost: example.org",
    "a tab": f"https://{LISTED}/a\t.png?{SECRET}",
    "a control character": f"https://{LISTED}/a\x07.png?{SECRET}",
    "other letters": f"https://{LISTED}/猫.png?{SECRET}",
    "very long": f"https://{LISTED}/{'a' * 100_000}.png?{SECRET}",
    "nothing but blanks": "   ",
}
NO_LINK = {
    "empty": "",
    "null": None,
    "a number": 7,
    "true": True,
    "a list": [f"https://{LISTED}/a.png"],
    "an object": {"url": f"https://{LISTED}/a.png"},
}


@pytest.mark.parametrize("link", REFUSED.values(), ids=REFUSED.keys())
async def test_a_link_that_leads_elsewhere_is_not_followed(lasting_stage: Stage, link: str) -> None:
    """Said at once, with its price, and without its signature in the log."""
    said = len(lasting_stage.log)
    shown = await shown_for(lasting_stage, url(link))
    assert (shown.pictures, shown.row, shown.billed) == (0, "lost LinkNotAllowed", 1)
    assert "at an address that I do not trust" in shown.member
    assert shown.log == ("delivery failed",)
    assert "secret" not in lasting_stage.log[said:]
    assert len(lasting_stage.log) - said < 10_000


@pytest.mark.parametrize("value", NO_LINK.values(), ids=NO_LINK.keys())
async def test_what_is_no_link_is_an_answer_without_a_picture(
    lasting_stage: Stage, value: object
) -> None:
    """Nothing to fetch, so nothing is tried."""
    shown = await shown_for(lasting_stage, url(value))
    assert (shown.pictures, shown.row) == (0, "failed NoImage")


@pytest.mark.process
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("path", ["/a.png", "/a.png?Signature=secret", ":443/a.png"])
async def test_a_listed_name_of_this_machine_is_not_followed(
    careless_stage: Stage, scheme: str, path: str
) -> None:
    """Not even to be told that nobody is there; while the link lives, names may be mended."""
    if scheme == "http":
        path = path.removeprefix(":443")
    said = careless_stage.log.count("leads to")
    careless_stage.fault(url(f"{scheme}://localhost{path}"))
    started = await careless_stage.imagine(size=SMALL)
    await careless_stage.until(lambda: careless_stage.log.count("leads to") > said)
    query = f"SELECT state, due_at_us > 0 FROM {WHOLE} WHERE interaction_id = ?"
    row = rows(careless_stage.database, query, int(started["interaction_id"]))
    assert row == [("due", 1)]


@pytest.mark.parametrize(
    "odd",
    [
        "{origin}/oss/a.png#fragment",
        " {origin}/oss/a.png\n",
        "{origin}/oss/%61.png?a=%2B&b=/&&",
        "{upper}/oss/a.png",
    ],
)
async def test_an_odd_link_to_the_right_place_is_followed(lasting_stage: Stage, odd: str) -> None:
    """It is paid: what it looks like is no reason."""
    origin = str(lasting_stage.sandbox.addresses["zimage_base_url"]).removesuffix("/api/v1")
    link = odd.format(origin=origin, upper=origin.replace("http", "HTTP"))
    shown = await shown_for(lasting_stage, url(link), raw(http(200, PICTURE)))
    assert (shown.files, shown.row, shown.log) == (("png 512×512",), "shown", ())


async def test_after_all_that_a_good_link_is_followed(lasting_stage: Stage) -> None:
    """Nothing of it has worn the bot out."""
    assert (await ask(lasting_stage)).row == "shown"
