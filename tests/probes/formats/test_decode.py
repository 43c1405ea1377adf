"""Text of consoles in many languages is read right, whatever code page it was written in."""

from __future__ import annotations

import pytest

from techkit.probes.formats.decode import decode

#: Lines as systeminfo, ipconfig and netsh print them, by language, and the pages Windows and old Macs use for it.
TEXTS = {
    "German": (
        ("cp850", "cp1252", "mac_roman"),
        "Es ist 1 Schnittstelle vorhanden: Größe, Übertragungsrate, Authentifizierung, Verschlüsselung, Verfügbar",
    ),
    "French": (
        ("cp850", "cp1252", "mac_roman"),
        "Adresse physique, État connecté, Réception, Bande passante, désactivé, Système d'exploitation, Mémoire à côté",
    ),
    "Spanish": (
        ("cp850", "cp1252"),
        "Descripción, Dirección física, Conexión automática, Velocidad de recepción, Señal, Contraseña",
    ),
    "Polish": (
        ("cp852", "cp1250"),
        "Nazwa sieci, Połączenie sieciowe, Karta bezprzewodowa, Szyfrowanie, Prędkość odbierania, Węzeł, Łączność, Sygnał",
    ),
    "Czech": (
        ("cp852", "cp1250"),
        "Síťová karta, Připojení k síti, Rychlost příjmu, Šifrování, Ověřování, Zařízení, Název, Žádné",
    ),
    "Hungarian": (
        ("cp852", "cp1250"),
        "Számítógép neve, Gyártó, Hálózati kártya, Jelerősség, Fizikai memória összesen, Időzóna, Felhasználó",
    ),
    "Romanian": (("cp1250",), "Adresă fizică, Reţea, Conexiune, Viteză de recepţie, Criptare"),
    "Turkish": (
        ("cp857", "cp1254"),
        "Bağlantı, Fiziksel Adres, İşletim sistemi, Şifreleme, Alma hızı, Ağ türü, Kullanılabilir",
    ),
    "Russian": (
        ("cp866", "cp1251"),
        "Имя узла, Название ОС, Версия, Изготовитель, Тип радио, Проверка подлинности, Сигнал",
    ),
    "Ukrainian": (("cp1251",), "Ім'я вузла, Назва ОС, Версія, Виробник, Швидкість прийому, Підключення"),
    "Greek": (
        ("cp737", "cp1253"),
        "Όνομα υπολογιστή, Λειτουργικό σύστημα, Έκδοση, Κατασκευαστής, Ταχύτητα λήψης, Σήμα",
    ),
    "Hebrew": (("cp862", "cp1255"), "שם המחשב, מערכת הפעלה, גירסה, יצרן, סוג רדיו"),
    "Arabic": (("cp720", "cp1256"), "اسم المضيف, نظام التشغيل, الإصدار, الشركة المصنعة"),
    "Lithuanian": (
        ("cp775", "cp1257"),
        "Kompiuterio pavadinimas, Operacinė sistema, Ryšys, Tinklo sąsaja, Šifravimas, Priėmimo greitis, Įrenginys",
    ),
    "Latvian": (
        ("cp775", "cp1257"),
        "Datora nosaukums, Operētājsistēma, Tīkla adapteris, Šifrēšana, Saņemšanas ātrums, Savienojums izveidots, Ražotājs",
    ),
    "Japanese": (
        ("cp932",),
        "ホスト名, OS 名, インターフェイス, 物理アドレス, 状態, 接続されました, 無線の種類, シグナル",
    ),
    "Korean": (("cp949",), "호스트 이름, OS 이름, OS 버전, 설명, 물리적 주소, 상태, 연결됨, 신호, 무선 종류"),
    "Chinese": (
        ("cp936",),
        "主机名, OS 名称, 系统上有 1 个接口, 描述, 物理地址, 状态, 已连接, 网络类型, 信号, 接收速率",
    ),
    "Chinese (traditional)": (
        ("cp950",),
        "主機名稱, 作業系統名稱, 介面, 描述, 實體位址, 狀態, 已連線, 網路類型, 訊號",
    ),
    "Swedish": (
        ("cp850", "cp1252"),
        "Värddatornamn, Nätverkskort, Fysisk adress, Mottagningshastighet, Överföringshastighet, Okänd, På",
    ),
    "Danish": (
        ("cp850", "cp1252"),
        "Værtsnavn, Operativsystem, Netværkskort, Tilstand: forbundet, Modtagehastighed, Ændret, Båndbredde",
    ),
    "Finnish": (
        ("cp850", "cp1252"),
        "Isäntänimi, Käyttöjärjestelmän nimi, Lähetysnopeus, Yhdistetty, Päällä",
    ),
    "Portuguese": (
        ("cp850", "cp1252"),
        "Nome do anfitrião, Descrição, Endereço físico, Autenticação, Taxa de recepção, Codificação, Não disponível",
    ),
}

CASES = [(language, page, line) for language, (pages, line) in TEXTS.items() for page in pages]


@pytest.mark.parametrize(("language", "page", "line"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_the_code_page_is_told_by_the_letters(language: str, page: str, line: str) -> None:
    """No language loses its letters, and none is taken for another."""
    assert decode(line.encode(page)) == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_told_with_and_without_its_mark(encoding: str) -> None:
    """UTF-16 of a redirected PowerShell has a mark, that of some tools has none."""
    line = "Hostname: WERKSTATT-7, Größe"
    assert decode(line.encode(encoding)) == line


def test_bytes_that_are_no_text_become_marks_not_errors() -> None:
    """Whatever a file holds, reading it goes on."""
    assert decode(bytes(range(256)) * 3)
    assert decode(b"") == ""


def test_the_colours_of_a_terminal_are_no_text():
    """`nmcli --color yes`, `ip -c` and a copy of a coloured terminal hold them."""
    assert decode(b"\x1b[32mwlan0\x1b[0m: \x1b[1;31mdown\x1b[m\x1b[K\n") == "wlan0: down\n"


@pytest.mark.parametrize("mark", ["> ", ">>> ", ">"])
def test_a_quotation_is_what_was_quoted(mark):
    """Letters and forums put a mark before every row; one before some of them is part of the text."""
    assert decode(f"{mark}=== START ===\n{mark}SMART Health Status: OK\n".encode()).split("\n") == [
        "=== START ===",
        "SMART Health Status: OK",
        "",
    ]
    assert decode(b"> a\nb\n") == "> a\nb\n"
