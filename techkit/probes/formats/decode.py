"""Bytes of another system's tools as text: UTF-16 with or without mark, UTF-8, code pages.

Which code page a console used is told by what the bytes become: letters of one language in the places
where letters stand, or signs, boxes and capitals in the middle of words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from techkit.probes.sheet import DIRECTION_MARKS


@dataclass(frozen=True)
class Page:
    """A code page and the foreign signs texts in its languages are made of.

    codec: Python's name. letters: what counts for it; other signs beyond ASCII count against it.
    """

    codec: str
    letters: frozenset[str]

    def likeness(self, text: str) -> int:
        """Return how much a text decoded with this page looks like one: the letters less everything else."""
        score = 0
        before = ""
        for sign in text:
            if sign > "\x7f":
                score += 1 if sign in self.letters else -1
                # "SieÑ" and "Tαb": capitals end no word, alphabets do not mix inside one.
                if before.isalpha() and ((sign.isupper() and before.islower()) or _mixed(before, sign)):
                    score -= 2
                # Words of foreign letters alone are not written in Latin ones.
                elif "\x7f" < before < "\u0370" and sign < "\u0370":
                    score -= 1
            elif before > "\x7f" and sign.isalpha() and _mixed(sign, before):
                score -= 2
            before = sign
        return score


def _mixed(latin: str, sign: str) -> bool:
    """Return whether an ASCII letter stands beside one of another alphabet."""
    return latin < "\x7f" and sign.isalpha() and "\u0370" <= sign < "\u1e00"


def _signs(text: str) -> frozenset[str]:
    return frozenset(text + text.upper() + "«»’°\u00a0")


def _words(text: str) -> frozenset[str]:
    return frozenset(text) - {" "}


def _between(first: str, last: str) -> frozenset[str]:
    return frozenset(map(chr, range(ord(first), ord(last) + 1)))


#: The foreign letters of languages, by the pages they are written in: consoles (OEM), files (ANSI), old Macs.
_LATIN: Final = {
    ("cp850", "cp1252", "mac_roman"): (
        "äöüß",  # German
        "éèêëàâçùûôîïœ",  # French
        "áéíóúñü¿¡àèìòùãõâêôç",  # Spanish, Italian, Portuguese
        "åäöæøé",  # Nordic
    ),
    ("cp852", "cp1250"): ("ąćęłńóśźż", "áčďéěíňóřšťúůýžľĺŕôä", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    ("cp857", "cp1254"): ("çğıöşüâîûİ",),
    ("cp1257", "cp775"): ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}

#: The likeliest first: of two that fit as well, the first is taken.
PAGES: Final = (
    *(
        Page(codec, _signs(letters))
        for codecs, all_letters in _LATIN.items()
        for letters in all_letters
        for codec in codecs
    ),
    *(Page(codec, _between("\u05d0", "\u05ea")) for codec in ("cp1255", "cp862")),
    *(Page(codec, _between("\u0401", "\u045f")) for codec in ("cp1251", "cp866")),
    *(Page(codec, _between("\u0386", "\u03ce")) for codec in ("cp1253", "cp737")),
    *(Page(codec, _between("\u0621", "\u0652")) for codec in ("cp1256", "cp720")),
)

#: Words of netsh, ipconfig and systeminfo: the signs of a page of theirs are found in them, those of prose are not.
_KOREAN: Final = (
    "이다는을에의가로하고지도한어사시자스인정대니습설연결무선신호니름버전명상태주소컴퓨터제품운영체종류"
    "호스트 이름 제조업체 구성 빌드 등록된 소유자 조직 설치 날짜 부팅 시간 모델 프로세서 디렉터리 장치 로캘 실제 메모리 "
    "사용 가능 가상 최대 크기 페이지 파일 위치 도메인 로그온 서버 핫픽스 네트워크 카드 어댑터 기본 게이트웨이 서브넷 임대"
)
_CHINESE: Final = (
    "的一是了无网络接口名称状态已连类型模式信号速率描述地址机系统处理器版本时间默认配置未主有"
    "主机名称制造商构件类型暂缺独立工作站注册的所有人组织产品初始安装日期启动型号目录设备区域设置输入法中文中国时区物理内存总量"
    "可用的虚拟最大值使用中页面文件位置登录服务器修补程序安装了个网卡连接名启用否检测到监控将不显示所需功能"
    "以太网适配器本地无线局域媒体断开后缀特定首选子掩码关获得租约过期客户端唯一标识隧道代理搜索列表自动"
)
_TAIWANESE: Final = (
    "的一是了無網路介面名稱狀態已連線類型模式訊號速率描述位址機系統處理器版本時間預設組態未主有"
    "主機名稱製造商設定建置類型不適用獨立工作站註冊的擁有者組織產品識別碼原始安裝日期開機型號目錄裝置地區輸入法中文台灣時區"
    "實體記憶體總計可用虛擬大小上限使用中分頁檔案位置網域登入伺服器已安裝個修正程式網路卡啟用否偵測到將不會顯示所需功能"
    "乙太網路卡區域無線媒體中斷尾碼特定偏好子遮罩閘道取得租用過期用戶端通道搜尋清單自動"
)

#: Pages with two bytes a sign, taken only where every byte fits, by the signs computers' texts are full of.
WIDE_PAGES: Final = (
    Page("cp932", _between("\u3041", "\u30fe")),
    Page("cp949", _words(_KOREAN)),
    Page("cp936", _words(_CHINESE)),
    Page("cp950", _words(_TAIWANESE)),
)

#: What a terminal is told to colour with; a copy of a coloured answer holds it. Source: ECMA-48, 8.3.117, and erasing, 8.3.41.
COLOURS: Final = re.compile(r"\x1b\[[0-9;]{0,20}[mK]")

#: Quotations within quotations looked for.
QUOTED_DEPTH: Final = 4

#: Words looked at to tell the page; a page of text holds about as many.
WORD_LIMIT: Final = 400


def decode(data: bytes) -> str:
    """Return text from bytes; never raises. What cannot be told becomes U+FFFD.

    Order: byte order marks; UTF-16 without a mark (every second byte NUL); UTF-8; the code page
    whose letters it holds most of.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    elif data[:3] == b"\xef\xbb\xbf":
        text = data[3:].decode("utf-8", "replace")
    elif _looks_like_utf16(data):
        text = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode(_code_page(data), "replace")
    return _unquoted(COLOURS.sub("", DIRECTION_MARKS.sub("", text)).lstrip("\ufeff"))


def _unquoted(text: str) -> str:
    """Return a text without the marks of a quotation, "> " before every row, as letters and forums have them."""
    for _depth in range(QUOTED_DEPTH):
        rows = text.split("\n")
        if not text.startswith(">") or not all(row.startswith(">") for row in rows if row.strip()):
            break
        text = "\n".join(re.sub("^> ?", "", row) for row in rows)
    return text


def _looks_like_utf16(data: bytes) -> bool:
    sample = data[:2000]
    return len(sample) >= 4 and (
        sample[1::2].count(0) > len(sample) // 4 or sample[0::2].count(0) > len(sample) // 4
    )


def _code_page(data: bytes) -> str:
    """Return the page a text is most likely written in, judged by the words that hold foreign bytes."""
    found = re.finditer(rb"[^\s]{0,40}[\x80-\xff][^\s]{0,40}", data)
    words = b" ".join(match[0] for match in islice(found, WORD_LIMIT))
    for page in WIDE_PAGES:
        try:
            text = words.decode(page.codec)
        except UnicodeDecodeError:
            continue
        foreign = sum(sign > "\x7f" for sign in text)
        if foreign and sum(sign in page.letters for sign in text) > foreign * 0.3:
            return page.codec
    # max takes the first of equals: the likelier page.
    return max(PAGES, key=lambda page: page.likeness(words.decode(page.codec, "replace"))).codec
