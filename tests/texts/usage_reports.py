"""Reports to draw and to tell."""

from __future__ import annotations

from datetime import date, timedelta

from bot.features.usage.records import (
    UNLIMITED,
    DayUsage,
    Gauge,
    GaugeUnit,
    MemberUsage,
    OutcomeCounts,
    UsageReport,
    UsageSubject,
)
from bot.queue.records import UserId

LAST_DAY = date(2026, 11, 29)
FIRST_DAY = LAST_DAY - timedelta(days=29)
MIDNIGHT_US = 1_796_079_600_000_000  # of December 1st in Berlin

LATIN_NAMES = (
    "Ada Lovelace",
    "<b>Grace</b> & “Sons”",
    "Ирина Соколова",
    "आर्या शर्मा",
    "🦊 Fox ⭐",
    "W" * 32,
    "José Ñandú",
)
ARABIC_NAMES = (
    "محمد العربي!",
    "فاطمة الزهراء (المسؤولة)",
    "דנה כהן (3)",
    "نور 123 abc",
    "\ufdfd",
    "عبد الرحمن بن عبد العزيز آل سعود الطويل",
    "\u202eAda",
)
CHINESE_JAPANESE_KOREAN_NAMES = (
    "田中さくら",
    "山田 太郎（管理者）",
    "林小明",
    "직박구리",
    "スーパーロングネームの人ですよろしくお願いします",
    "ﾊﾝｶｸ",
    "鈴木",
)

GAUGES = (
    Gauge(
        name="Pictures a day, you",
        unit=GaugeUnit.PICTURES,
        used=12,
        limit=50,
        renews_at_us=MIDNIGHT_US,
    ),
    Gauge(
        name="This server, a month",
        unit=GaugeUnit.MONEY,
        used=4_350_000,
        limit=5_000_000,
        renews_at_us=MIDNIGHT_US,
    ),
    Gauge(
        name="#art, an hour",
        unit=GaugeUnit.PICTURES,
        used=10,
        limit=10,
        renews_at_us=MIDNIGHT_US,
    ),
    Gauge(name="@guests", unit=GaugeUnit.PICTURES, used=0, limit=0),
    Gauge(name="@staff", unit=GaugeUnit.MONEY, used=285_000, limit=UNLIMITED),
)
PICTURES_BY_HOUR = (
    *(9, 4, 1, 0, 0, 0, 1, 3, 8, 12, 14, 13),
    *(17, 16, 15, 18, 22, 27, 33, 38, 41, 36, 28, 17),
)


def report_of(
    names: tuple[str, ...] = LATIN_NAMES, *, gauges: tuple[Gauge, ...] = GAUGES
) -> UsageReport:
    """Thirty days of a server that paints most on Sundays, and nothing on the 10th."""
    days = tuple(_day(FIRST_DAY + timedelta(days=place)) for place in range(30))
    pictures = sum(day.pictures for day in days)
    top = tuple(
        MemberUsage(
            user_id=UserId(place), name=name, pictures=160 // place, cost_micros=2_400_000 // place
        )
        for place, name in enumerate((*names, "Kim", "Lee", "Max"), start=1)
    )
    return UsageReport(
        subject=UsageSubject.SERVER,
        name="Painters",
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        zone="Europe/Berlin",
        days=days,
        pictures_by_hour=PICTURES_BY_HOUR,
        top=top,
        outcomes=OutcomeCounts(drawn=pictures, refused=23, failed=9, cancelled=17, uncertain=1),
        gauges=gauges,
    )


def _day(day: date) -> DayUsage:
    pictures = 0 if day.day == 10 else 6 + day.weekday() * 3 + day.day % 4
    rewritten = pictures * (day.day % 3) // 4
    return DayUsage(
        day=day,
        pictures=pictures,
        rewritten=rewritten,
        refused=day.day % 2,
        failed=int(day.day == 17) * 9,
        cost_micros=(pictures + rewritten) * 15_000,
    )
