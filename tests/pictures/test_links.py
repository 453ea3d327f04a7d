"""Only the provider's storage is asked, and the link goes out as it came in."""

from __future__ import annotations

import pytest

from bot.errors import LinkNotAllowed
from bot.pictures import LinkRules

SIGNATURE = "Expires=1770000000&OSSAccessKeyId=LTAI5t&Signature=a%2Bb%2Fc%3D"
RULES = LinkRules(
    allowed_hosts=(".aliyuncs.com", "cdn.example.org"),
    base_url="https://dashscope-intl.aliyuncs.com/api/v1",
)
SANDBOX = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url="http://127.0.0.1:8080/api/v1")


@pytest.mark.parametrize(
    "link",
    [
        f"https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/7d/a.png?{SIGNATURE}",
        f"https://dashscope-7c2c.oss-accelerate.aliyuncs.com/1d/5f/20260203/a.png?{SIGNATURE}",
        f"https://DASHSCOPE.OSS.ALIYUNCS.COM:443/a%20b.png?{SIGNATURE}",
        f"https://cdn.example.org/a.png?{SIGNATURE}",
    ],
)
def test_a_link_to_the_storage_is_followed_unchanged(link: str) -> None:
    """Another encoding of the query would break the signature."""
    url = RULES.check(link)

    assert url.raw_path_qs == "/" + link.split("/", 3)[3]
    assert url.raw_query_string.endswith("Signature=a%2Bb%2Fc%3D")


@pytest.mark.parametrize("port", ["", ":80"])
def test_a_link_in_plain_http_is_asked_over_https(port: str) -> None:
    """The host is the storage's all the same, and the signature does not hold the scheme."""
    url = RULES.check(f"http://x.aliyuncs.com{port}/a%20b.png?{SIGNATURE}")

    assert str(url) == f"https://x.aliyuncs.com/a%20b.png?{SIGNATURE}"


@pytest.mark.parametrize(
    "link",
    [
        f"http://evil.org/a.png?{SIGNATURE}",
        f"http://dashscope-result-bj.oss-cn-beijing.aliyuncs.com:443/a.png?{SIGNATURE}",
        f"https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com:80/a.png?{SIGNATURE}",
        f"https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com:8443/a.png?{SIGNATURE}",
        f"https://user:pass@x.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://aliyuncs.com/a.png?{SIGNATURE}",
        f"https://evilaliyuncs.com/a.png?{SIGNATURE}",
        f"https://x.aliyuncs.com.evil.org/a.png?{SIGNATURE}",
        f"https://evil.org\\@x.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://evil.org#@x.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://sub.cdn.example.org/a.png?{SIGNATURE}",
        f"https://169.254.169.254/latest?{SIGNATURE}",
        f"https://[::1]/a.png?{SIGNATURE}",
        f"https://x.aliyuncs.com:99999/a.png?{SIGNATURE}",
        f"https://[x.aliyuncs.com/a.png?{SIGNATURE}",
        f"http://127.0.0.1:8080/a.png?{SIGNATURE}",
        f"ftp://x.aliyuncs.com/a.png?{SIGNATURE}",
        f"file:///etc/passwd?{SIGNATURE}",
        f"//x.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://x.aliyuncs.com/a.png?{SIGNATURE}\r\nHost: evil.org",
        f"https://x.aliyuncs.com/a b.png?{SIGNATURE}",
        f"https://x.älıyuncs.com/a.png?{SIGNATURE}",
        f"https://[::1%25x.aliyuncs.com]/a.png?{SIGNATURE}",
        f"https://[v1.x.aliyuncs.com]/a.png?{SIGNATURE}",
        f"https://127.0.0.1%00.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://127.0.0.1%2f.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://*.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://a..aliyuncs.com/a.png?{SIGNATURE}",
        f"https://{'a' * 64}.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://@x.aliyuncs.com/a.png?{SIGNATURE}",
        f"https://x.aliyuncs.com/{'a' * 100_000}.png?{SIGNATURE}",
        "",
    ],
)
def test_any_other_link_is_refused_without_showing_its_signature(link: str) -> None:
    """Not https, another port, a user name, another host however it is dressed up."""
    with pytest.raises(LinkNotAllowed) as caught:
        RULES.check(link)

    assert "Signature" not in repr(caught.value)
    assert "LTAI" not in str(caught.value)


def test_a_sandbox_serves_its_pictures_itself() -> None:
    """Plain http is taken from exactly the loopback address that draws."""
    link = f"http://127.0.0.1:8080/oss/7d/a.png?{SIGNATURE}"

    assert SANDBOX.check(link).raw_path_qs == f"/oss/7d/a.png?{SIGNATURE}"


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:8081/a.png",
        "https://127.0.0.1:8080/a.png",
        "http://127.0.0.2:8080/a.png",
        "http://localhost:8080/a.png",
        "http://u@127.0.0.1:8080/a.png",
    ],
)
def test_a_sandbox_opens_no_other_door(link: str) -> None:
    """Another port or name on the same machine is another service."""
    with pytest.raises(LinkNotAllowed):
        SANDBOX.check(link)


@pytest.mark.parametrize("host", ["10.0.0.7", "zimage.internal"])
def test_plain_http_is_for_loopback_only(host: str) -> None:
    """A base URL elsewhere opens nothing by itself."""
    rules = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url=f"http://{host}:8080/api/v1")

    with pytest.raises(LinkNotAllowed):
        rules.check(f"http://{host}:8080/a.png")


def test_a_sandbox_may_have_a_name() -> None:
    """localhost is loopback, too."""
    rules = LinkRules(allowed_hosts=(), base_url="http://localhost:8080/api/v1")

    assert rules.check("http://localhost:8080/a.png").port == 8080
