"""Windows' own texts in every language: what the order and the shape of their lines tell."""

from __future__ import annotations

import json

import pytest

from techkit.diagnostics import reading_files
from techkit.diagnostics.reading_files import FORMATS
from techkit.probes.formats import powershell_json, registry, wifi_text, windows_text, wmi_list
from techkit.probes.formats.decode import decode
from techkit.records.findings import Verdict

IPCONFIG = {
    "cp850": """
Windows-IP-Konfiguration

   Hostname  . . . . . . . . . . . . : EMPFANG
   Primäres DNS-Suffix . . . . . . . :

Drahtlos-LAN-Adapter Ein sehr langer Name
:

   Verbindungsspezifisches DNS-Suffix: haus.example
   Beschreibung. . . . . . . . . . . : Sample Wi-Fi 6
   Physische Adresse . . . . . . . . : 02-00-00-00-00-21
   DHCP aktiviert. . . . . . . . . . : Ja
   IPv4-Adresse  . . . . . . . . . . : 192.0.2.76(Bevorzugt)
   Subnetzmaske  . . . . . . . . . . : 255.255.255.0
   Standardgateway . . . . . . . . . : 192.0.2.1
   DNS-Server  . . . . . . . . . . . : 192.0.2.53
""",
    "cp857": """
Windows IP Yapılandırması

   Ana Bilgisayar Adı. . . . . . . . : EMPFANG
   Birincil DNS Soneki . . . . . . . :

Ethernet bağdaştırıcısı Ethernet:

   Bağlantıya özgü DNS Soneki . . .  :
   Açıklama. . . . . . . . . . . . . : Sample Wi-Fi 6
   Fiziksel Adres. . . . . . . . . . : 02-00-00-00-00-21
   DHCP Etkin. . . . . . . . . . . . : Evet
   IPv4 Adresi . . . . . . . . . . . : 192.0.2.76(Tercih Edilen)
   Alt Ağ Maskesi  . . . . . . . . . : 255.255.255.0
   Varsayılan Ağ Geçidi. . . . . . . : 192.0.2.1
   DNS Sunucusu. . . . . . . . . . . : 192.0.2.53
""",
    "cp932": """
Windows IP 構成

   ホスト名. . . . . . . . . . . . . . . . .: EMPFANG
   プライマリ DNS サフィックス . . . . . . .:

Wireless LAN adapter Wi-Fi:

   接続固有の DNS サフィックス . . . . .:
   説明. . . . . . . . . . . . . . . . .: Sample Wi-Fi 6
   物理アドレス. . . . . . . . . . . . .: 02-00-00-00-00-21
   DHCP 有効 . . . . . . . . . . . . . .: はい
   IPv4 アドレス . . . . . . . . . . . .: 192.0.2.76(優先)
   サブネット マスク . . . . . . . . . .: 255.255.255.0
   デフォルト ゲートウェイ . . . . . . .: 192.0.2.1
   DNS サーバー. . . . . . . . . . . . .: 192.0.2.53
""",
}


#: Labels of `ipconfig /all` as Windows writes them, in the order of its lines, and its Yes.
LABELS = {
    "it": "Configurazione IP di Windows|Nome host|Scheda Ethernet Ethernet|Suffisso DNS specifico per connessione|Descrizione|Indirizzo fisico|DHCP abilitato|Configurazione automatica abilitata|Indirizzo IPv6 locale rispetto al collegamento|Indirizzo IPv4|Subnet mask|Lease ottenuto|Gateway predefinito|Server DHCP|DUID Client DHCPv6|Server DNS|Server WINS primario|NetBIOS su TCP/IP|Sì",
    "es": "Configuración IP de Windows|Nombre de host|Adaptador de Ethernet Ethernet|Sufijo DNS específico para la conexión|Descripción|Dirección física|DHCP habilitado|Configuración automática habilitada|Vínculo: dirección IPv6 local|Dirección IPv4|Máscara de subred|Concesión obtenida|Puerta de enlace predeterminada|Servidor DHCP|DUID de cliente DHCPv6|Servidores DNS|Servidor WINS principal|NetBIOS sobre TCP/IP|sí",
    "pt-BR": "Configuração de IP do Windows|Nome do host|Adaptador Ethernet Ethernet|Sufixo DNS específico de conexão|Descrição|Endereço Físico|DHCP Habilitado|Configuração Automática Habilitada|Endereço IPv6 de link local|Endereço IPv4|Máscara de Sub-rede|Concessão Obtida|Gateway Padrão|Servidor DHCP|DUID de Cliente DHCPv6|Servidores DNS|Servidor WINS Primário|NetBIOS em Tcpip|Sim",
    "ru": "Настройка протокола IP для Windows|Имя компьютера|Адаптер Ethernet Ethernet|DNS-суффикс подключения|Описание|Физический адрес|DHCP включен|Автонастройка включена|Локальный IPv6-адрес канала|IPv4-адрес|Маска подсети|Аренда получена|Основной шлюз|DHCP-сервер|DUID клиента DHCPv6|DNS-серверы|Основной WINS-сервер|NetBios через TCP/IP|Да",
    "ja": "Windows IP 構成|ホスト名|イーサネット アダプター イーサネット|接続固有の DNS サフィックス|説明|物理アドレス|DHCP 有効|自動構成有効|リンクローカル IPv6 アドレス|IPv4 アドレス|サブネット マスク|リース取得|デフォルト ゲートウェイ|DHCP サーバー|DHCPv6 クライアント DUID|DNS サーバー|プライマリ WINS サーバー|NetBIOS over TCP/IP|はい",
    "ko": "Windows IP 구성|호스트 이름|이더넷 어댑터 이더넷|연결별 DNS 접미사|설명|물리적 주소|DHCP 사용|자동 구성 사용|링크-로컬 IPv6 주소|IPv4 주소|서브넷 마스크|임대 시작 날짜|기본 게이트웨이|DHCP 서버|DHCPv6 클라이언트 DUID|DNS 서버|주 WINS 서버|Tcpip를 통한 NetBIOS|예",
    "zh-CN": "Windows IP 配置|主机名|以太网适配器 以太网|连接特定的 DNS 后缀|描述|物理地址|DHCP 已启用|自动配置已启用|本地链接 IPv6 地址|IPv4 地址|子网掩码|获得租约的时间|默认网关|DHCP 服务器|DHCPv6 客户端 DUID|DNS 服务器|主 WINS 服务器|TCPIP 上的 NetBIOS|是",
    "zh-TW": "Windows IP 設定|主機名稱|乙太網路卡 乙太網路|連線特定 DNS 尾碼|描述|實體位址|DHCP 已啟用|自動設定啟用|連結-本機 IPv6 位址|IPv4 位址|子網路遮罩|租用取得|預設閘道|DHCP 伺服器|DHCPv6 用戶端 DUID|DNS 伺服器|主要 WINS 伺服器|NetBIOS over Tcpip|是",
    # No language: whatever the words, the order and the shape tell.
    "xx": "Qwa Windows ops|Fub gar|Zot Ethernet|DNS mirr|Blik|Norz vot|DHCP plim|Sern plim|Gol IPv6|Gol IPv4|Mosk|Ruf|Tand|DHCP hest|DHCPv6 DUID|DNS hest|WINS hest|NetBIOS|Ploof",
}  # fmt: skip


def windows_text_in(language: str) -> str:
    """Return `ipconfig /all` of a made-up computer in a language."""
    labels = LABELS[language].split("|")
    values = (
        "home.invalid", "Sample GbE Family Controller", "02-00-00-00-00-21", labels[-1], labels[-1],
        "fe80::c152:dc1a:a4c3:8fea%17(ok)", "192.0.2.76(ok)", "255.255.255.0", "2026-11-21 8:01:12", "fe80::1%17",
        "192.0.2.1", "00-01-00-01-2F-9D-DF-77-02-00-00-00-00-21", "192.0.2.53", "192.0.2.60", labels[-1],
    )  # fmt: skip
    rows = [labels[0], "", f"   {labels[1]} . . . . . . : EMPFANG", "", f"{labels[2]}:", ""]
    for label, value in zip(labels[3:18], values, strict=True):
        rows.append(f"   {label} . . . . . . : {value}")
        if value == "fe80::1%17":
            rows.append(f"{' ' * 39}192.0.2.1")
        if value == "192.0.2.53":
            rows.append(f"{' ' * 39}192.0.2.54")
    return "\n".join(rows) + f"\n\nPPP {labels[2]} 2:\n\n   {labels[3]} . . . :\n   {labels[4]}. . . : Work\n   {labels[5]}. . . :\n   {labels[6]} . . . : no\n   {labels[7]} . . . : {labels[-1]}\n"  # fmt: skip


@pytest.mark.parametrize("is_flat", [False, True], ids=["as printed", "copied without indents"])
@pytest.mark.parametrize("language", LABELS)
def test_ipconfig_in_any_language(language, is_flat):
    """The mask, the gateway behind it, the servers and the description are known by their places, not by words."""
    content = windows_text_in(language)
    if is_flat:
        content = "\n".join(row if row.startswith(" " * 20) else row.lstrip() for row in content.splitlines())
    sheet = windows_text.parse_ipconfig(content)
    adapter = LABELS[language].split("|")[2]
    found = {r.id.rpartition(".")[2]: r.value for r in sheet if r.subject == adapter}
    assert found == {
        "mac": "02:00:00:00:00:21",
        "dhcp": True,
        "description": "Sample GbE Family Controller",
        "ipv4": "192.0.2.76",
        "ipv6": "fe80::c152:dc1a:a4c3:8fea",
        "gateway": "fe80::1, 192.0.2.1",
        "dns_servers": "192.0.2.53, 192.0.2.54",
        "is_up": True,
    }
    tunnel = f"PPP {adapter} 2"
    assert sheet.value("os.computer_name") == "EMPFANG"
    assert sheet.value("network.interface.description", tunnel) == "Work"
    assert sheet.value("network.interface.dhcp", tunnel) is False
    assert sheet.value("network.interface.is_up", tunnel) is False


def test_the_names_a_computer_asked_for_are_not_its_own():
    """`ipconfig /displaydns` behind `/all` has the same heading."""
    sheet = windows_text.parse_ipconfig("""
Windows IP Configuration

   Host Name . . . . . . . . . . . . : FRONT-DESK
   Primary Dns Suffix  . . . . . . . :

Windows IP Configuration

    www.example.org
    ----------------------------------------
    Record Name . . . . . : www.example.org
    Record Type . . . . . : 1
""")
    assert sheet.value("os.computer_name") == "FRONT-DESK"


def test_the_short_ipconfig_loses_no_adapter_and_invents_no_name():
    """Without /all nothing stands below the title: the first adapter is no computer, "unplugged" no description."""
    sheet = windows_text.parse_ipconfig("""
Windows IP 구성

이더넷 어댑터 이더넷:

   미디어 상태 . . . . . . . . : 미디어 연결 끊김
   연결별 DNS 접미사. . . . :

이더넷 어댑터 vEthernet (Windows Sandbox):

   연결별 DNS 접미사. . . . :
   링크-로컬 IPv6 주소 . . . . : fe80::2870:1aa7:9860:90d5%18
   IPv4 주소 . . . . . . . . . : 192.0.2.33
   서브넷 마스크 . . . . . . . : 255.255.240.0
   기본 게이트웨이 . . . . . . :
""")
    assert sheet.value("os.computer_name") is None
    assert not [r for r in sheet if r.id == "network.interface.description"]
    assert sheet.value("network.interface.is_up", "이더넷 어댑터 이더넷") is False
    assert sheet.value("network.interface.ipv4", "이더넷 어댑터 vEthernet (Windows Sandbox)") == "192.0.2.33"


def test_an_answer_that_stands_further_right_in_a_text():
    """In a page somebody wrote headings and lines stand below each other, moved in; DHCP that is off has no server's yes."""
    sheet = windows_text.parse_ipconfig(
        "    Configuración IP de Windows\n\n    Nombre de host. . . . . . . . . : PC-1\n    Sufijo DNS principal  . . . . . :\n\n"
        "    Adaptador de Ethernet Ethernet:\n\n    Sufijo DNS específico para la conexión. . :\n"
        "    Descripción . . . . . . . . . . . . . . . : Sample Adapter\n    Dirección física. . . . . . . . . . . . . : 02-00-00-00-00-01\n"
        "    DHCP habilitado . . . . . . . . . . . . . : no\n    Dirección IPv4. . . . . . . . . . . . . . : 192.0.2.191(Preferido)\n"
        "    Máscara de subred . . . . . . . . . . . . : 255.255.255.0\n    Puerta de enlace predeterminada . . . . . : 192.0.2.1\n"
        "    Servidor DHCP . . . . . . . . . . . . . . : 192.0.2.1\n    Servidores DNS. . . . . . . . . . . . . . : 192.0.2.1\n"
    )
    name = "Adaptador de Ethernet Ethernet"
    assert sheet.value("os.computer_name") == "PC-1"
    assert sheet.value("network.interface.ipv4", name) == "192.0.2.191"
    assert sheet.value("network.interface.gateway", name) == "192.0.2.1"
    assert sheet.value("network.interface.dhcp", name) is False


SYSTEMINFO = """C:\\Users\\ina>systeminfo

主机名:           EMPFANG
OS 名称:          Microsoft Windows 11 家庭中文版
OS 版本:          10.0.26100 暂缺 Build 26100
OS 制造商:        Microsoft Corporation
OS 配置:          独立工作站
OS 构建类型:      Multiprocessor Free
注册的所有人:     ina
注册的组织:
产品 ID:          00000-00000-00000-AAAAA
初始安装日期:     2025/8/19, 21:57:21
系统启动时间:     2026/11/20, 20:46:12
系统制造商:       Larkspur Works
系统型号:         LW-14
系统类型:         x64-based PC
处理器:           安装了 1 个处理器。
                  [01]: Intel64 Family 6 Model 94 Stepping 3 GenuineIntel ~2300 Mhz
BIOS 版本:        LARKSPUR L07 (2.12 ), 2025. 10. 28.
Windows 目录:     C:\\Windows
物理内存总量:     24,441 MB
可用的物理内存:   19,202 MB
"""


@pytest.mark.parametrize("wide", [False, True])
def test_systeminfo_behind_a_prompt(wide):
    """The line with the version tells where the report begins, whatever stands before it."""
    content = SYSTEMINFO.replace(": ", "： ") if wide else SYSTEMINFO
    sheet = windows_text.parse_systeminfo(content)
    found = {r.id: r.value for r in sheet}
    assert found["os.computer_name"] == "EMPFANG"
    assert (found["os.build"], found["system.maker"], found["system.model"]) == (
        "26100",
        "Larkspur Works",
        "LW-14",
    )
    assert found["firmware.version"] == "LARKSPUR L07 (2.12 )"
    assert (found["memory.total_bytes"], found["processor.socket_count"]) == (24441 * 2**20, 1)


def test_systeminfo_without_the_lines_its_owner_left_out():
    """Who shows such a report leaves out the computer's name, the owner, the product's number, the maker."""
    kept = [
        row
        for row in SYSTEMINFO.splitlines()
        if not row.startswith(("主机名", "注册的", "产品", "系统制造商"))
    ]
    found = {r.id: r.value for r in windows_text.parse_systeminfo("\n".join(kept))}
    assert "os.computer_name" not in found
    assert "system.maker" not in found
    assert (found["os.build"], found["system.model"], found["os.architecture"]) == (
        "26100",
        "LW-14",
        "x86_64",
    )
    assert found["firmware.version"] == "LARKSPUR L07 (2.12 )"
    assert (found["memory.total_bytes"], found["processor.socket_count"]) == (24441 * 2**20, 1)


def test_the_first_of_several_reports_and_memory_behind_a_second_colon():
    """Two reports in one file are one computer each, of which the first is read; virtual memory has two colons."""
    one = (
        SYSTEMINFO.replace("家庭中文版", "Pro Education")
        + "虚拟内存: 最大值:  18.697 MB\n虚拟内存: 可用:    13.383 MB\n"
    )
    sheet = windows_text.parse_systeminfo(one + one.replace("EMPFANG", "LAGER"))
    assert sheet.value("os.computer_name") == "EMPFANG"
    assert sheet.value("processor.socket_count") == 1
    assert sheet.value("memory.commit_limit_bytes") == 18697 * 2**20
    assert sheet.value("memory.available_bytes") == 19202 * 2**20
    assert sheet.value("os.cycle") == "11-24h2-w"  # Pro Education is served as long as Pro


@pytest.mark.parametrize(
    ("name", "build", "cycle"),
    [
        ("Microsoft Windows 11 Enterprise LTSC", 26100, "11-24h2-e-lts"),
        ("Microsoft Windows 11 IoT Enterprise LTSC", 26100, "11-24h2-iot-lts"),
        ("Microsoft Windows 10 IoT Enterprise LTSC", 19044, "10-21h2-iot-lts"),
        ("Microsoft Windows 10 企业版 LTSC", 17763, "10-1809-e-lts"),
        ("Microsoft Windows 10 Entreprise LTSC", 19044, "10-21h2-e-lts"),
        ("Microsoft Windows 10 Enterprise 2016 LTSB", 14393, "10-1607-e-lts"),
        ("Microsoft Windows 11 Entreprise", 22631, "11-23h2-e"),
        ("Майкрософт Windows 11 Корпоративная", 22631, "11-23h2-e"),
        ("Microsoft Windows 11 企業版", 22631, "11-23h2-e"),
        ("Microsoft Windows 11 Professionnel", 22631, "11-23h2-w"),
    ],
)
def test_the_edition_tells_how_long_windows_is_served(name, build, cycle):
    """Long-term editions outlive the others by years; the editions have names of their own in French, Russian and Chinese."""
    content = SYSTEMINFO.replace("Microsoft Windows 11 家庭中文版", name).replace("26100", str(build))
    assert windows_text.parse_systeminfo(content).value("os.cycle") == cycle


@pytest.mark.parametrize(
    ("edition", "cycle"),
    [
        ("EnterpriseS", "10-21h2-e-lts"),
        ("EnterpriseSN", "10-21h2-e-lts"),
        ("EnterpriseSEval", "10-21h2-e-lts"),
        ("IoTEnterpriseS", "10-21h2-iot-lts"),
        ("IoTEnterprise", "10-21h2-e"),
        ("Enterprise", "10-21h2-e"),
        ("Education", "10-21h2-e"),
        ("Professional", "10-21h2-w"),
        ("ProfessionalEducation", "10-21h2-w"),
        ("Core", "10-21h2-w"),
    ],
)
def test_the_edition_of_the_registry_tells_the_same(edition, cycle, tmp_path):
    """The N and trial editions of the long-term one live as long, and the one for fixed devices longer."""
    path = tmp_path / "version.reg"
    path.write_text(
        "Windows Registry Editor Version 5.00\n\n"
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\n"
        f'"CurrentBuild"="19044"\n"EditionID"="{edition}"\n"InstallationType"="Client"\n',
        encoding="utf-8",
    )
    found = reading_files.read("reg-export", path)
    assert [r.value for r in found.readings if r.id == "os.cycle"] == [cycle]


@pytest.mark.parametrize("mark", [":", " :", "\u00a0:"])
def test_processors_are_counted_with_a_blank_before_the_colon(mark):
    """French puts one there."""
    content = SYSTEMINFO.replace("[01]:", f"[01]{mark}")
    assert windows_text.parse_systeminfo(content).value("processor.socket_count") == 1


def test_marks_of_direction_stand_in_no_value(tmp_path):
    """Hebrew, Arabic and Persian Windows put them before each part of a date and around amounts, with digits of their own."""
    content = (
        SYSTEMINFO.partition("\n\n")[2]
        .replace(", 2025. 10. 28.", ", \u200f28/\u200f10/\u200f2025")
        .replace("24,441 MB", "\u200f24,441 MB\u200f")
        .replace("19,202 MB", "١٩\u066c٢٠٢ MB")
    )
    path = tmp_path / "systeminfo.txt"
    path.write_text(content, encoding="utf-16")
    found = {r.id: r.value for r in reading_files.read("systeminfo", path).readings}
    assert found["firmware.version"] == "LARKSPUR L07 (2.12 )"
    assert (found["memory.total_bytes"], found["memory.available_bytes"]) == (24441 * 2**20, 19202 * 2**20)


@pytest.mark.parametrize("page", ["cp936", "utf-8", "utf-16"])
def test_a_chinese_report_in_the_page_of_its_console(page):
    """A report is few Chinese signs among many others; they are not taken for Russian."""
    report = SYSTEMINFO.partition("\n\n")[2].replace("家庭中文版", "企业版 LTSC")
    report += (
        "时区:             (UTC+01:00) 阿姆斯特丹，柏林，伯尔尼，罗马，斯德哥尔摩，维也纳\n"
        "页面文件位置:     C:\\pagefile.sys\n域:               WORKGROUP\n"
        "修补程序:         安装了 1 个修补程序。\n网卡:             安装了 1 个 NIC。\n"
        "Hyper-V 要求:     已检测到虚拟机监控程序。将不显示 Hyper-V 所需的功能。\n"
    )
    assert "企业版 LTSC" in decode(report.encode(page))


def test_a_tunnel_without_a_gateway():
    """Two colons are no address, neither the tunnel's own nor one of a gateway."""
    sheet = windows_text.parse_ipconfig("""Windows IP Configuration


Tunnel adapter Teredo Tunneling Pseudo-Interface:

   Connection-specific DNS Suffix  . :
   IPv6 Address. . . . . . . . . . . : 2001:db8::99
   Link-local IPv6 Address . . . . . : fe80::2854:7fa:53eb:d684%5
   Default Gateway . . . . . . . . . : ::
""")
    name = "Tunnel adapter Teredo Tunneling Pseudo-Interface"
    assert sheet.value("network.interface.ipv6", name) == "2001:db8::99, fe80::2854:7fa:53eb:d684"
    assert sheet.value("network.interface.gateway", name) is None


def test_values_and_headings_the_window_broke():
    """A window of 80 signs breaks long descriptions, addresses and names of adapters; they are whole again."""
    sheet = windows_text.parse_ipconfig("""Configurazione IP di Windows

Scheda Ethernet Connessione alla rete locale (LAN) del primo piano, lato cortile
interno:

   Suffisso DNS specifico per connessione:
   Descrizione . . . . . . . . . . . . . : Sample RTL8168/8111 Family PCI-E Gi
gabit Ethernet NIC
   Indirizzo fisico. . . . . . . . . . . : 02-1A-92-BC-02-BE
   DHCP abilitato. . . . . . . . . . . . : No
   Configurazione automatica abilitata   : Sì
   Indirizzo IPv4. . . . . . . . . . . . : 192.0.2.34(Preferenziale)
   Subnet mask . . . . . . . . . . . . . : 255.255.255.0
""")
    name = "Scheda Ethernet Connessione alla rete locale (LAN) del primo piano, lato cortileinterno"
    assert sheet.value("network.interface.ipv4", name) == "192.0.2.34"
    assert (
        sheet.value("network.interface.description", name)
        == "Sample RTL8168/8111 Family PCI-E Gigabit Ethernet NIC"
    )


@pytest.mark.parametrize("page", IPCONFIG)
def test_addresses_in_the_code_page_of_a_console(page):
    """German with a heading the window broke, Turkish, Japanese: the same values in each."""
    sheet = windows_text.parse_ipconfig(decode(IPCONFIG[page].encode(page)))
    found = {r.id.removeprefix("network.interface."): r.value for r in sheet}
    assert found == {
        "os.computer_name": "EMPFANG", "mac": "02:00:00:00:00:21", "dhcp": True, "description": "Sample Wi-Fi 6",
        "ipv4": "192.0.2.76", "gateway": "192.0.2.1", "dns_servers": "192.0.2.53", "is_up": True,
    }  # fmt: skip
    assert all(r.subject for r in sheet if r.id != "os.computer_name")


def test_only_usb_devices_that_are_plugged_in_are_given():
    """The registry remembers all; a function of a device is no device."""
    place = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Enum\USB"
    content = "Windows Registry Editor Version 5.00\n" + "".join(
        f'\n[{place}\\{device}]\n"DeviceDesc"="@usb.inf,%desc%;{name}"\n'
        + (f"\n[{place}\\{device}\\Control]\n" * now)
        for device, name, now in (
            (r"Vid_0951&Pid_1666\SAMPLE0001", "Sample Stick", 1),
            (r"Vid_046D&Pid_C30A\6&df2ee03&0&5", "Sample Keyboard", 1),
            (r"Vid_046D&Pid_C30A&MI_01\7&2bcd78ff&0&0001", "Sample Keys", 1),
            (r"Vid_0718&Pid_0078\AA40", "Forgotten Stick", 0),
        )
    )
    sheet = registry.parse(content.replace("5.00\n", f"5.00\n\n[{place}]\n"))
    assert sheet.value("devices.usb_count") == 2
    assert sheet.value("devices.usb.serial", "0951:1666 sample0001") == "SAMPLE0001"
    assert [r.value for r in sheet if r.id == "devices.usb.name"] == ["Sample Stick", "Sample Keyboard"]
    assert [r.subject for r in sheet if r.id == "devices.usb.serial"] == ["0951:1666 sample0001"]


def test_what_wmic_was_asked_for_by_hand_tells_its_class():
    """A list of two properties names no class."""
    sheet = wmi_list.parse("\r\r\nManufacturer=Sample Works\r\r\nModel=Sample 5\r\r\n")
    assert (sheet.value("system.maker"), sheet.value("system.model")) == ("Sample Works", "Sample 5")
    sheet = wmi_list.parse("Index=0\r\nModel=Sample Disk\r\nSize=512105932800\r\n")
    assert sheet.value("storage.disk.size_bytes", "0") == 512105932800


def test_netsh_of_korean_and_chinese_windows():
    """A blank in the name of the standard, the width of a channel, and quotes of another alphabet."""
    korean = (
        "\r\n시스템에 1 인터페이스가 있습니다. \r\n\r\n    이름                   : Wi-Fi\r\n    설명                   : Sample Wi-Fi 6\r\n"
        "    GUID                   : 31828958-17bf-4bd2-a2d2-aaa5b181bd79\r\n    물리적 주소            : 02:00:00:00:00:07\r\n"
        "    상태                   : 연결됨\r\n    SSID                   : SAMPLE\r\n    AP BSSID               : 02:00:00:00:00:08\r\n"
        "    밴드                   : 5GHz\r\n    채널                : 149\r\n    채널 너비              : 80 MHz\r\n    송수신 장치 종류       : 802.11 ax\r\n"
        "    인증                   : WPA2-개인\r\n    수신 속도(Mbps)        : 961\r\n    전송 속도(Mbps)        : 613\r\n    신호                   : 88% \r\n"
    )
    for data in (korean.encode(), korean.encode("cp949")):
        sheet = wifi_text.parse_netsh(decode(data))
        found = {reading.id.rpartition(".")[2]: reading.value for reading in sheet}
        assert (found["standard"], found["security"]) == ("802.11ax", "WPA2-개인")
        assert (found["channel"], found["width_mhz"], found["rate_mbit"]) == (149, 80, 613)
    chinese = (
        "接口 WLAN 上的配置文件 sample:\r\n===\r\n\r\n配置文件信息\r\n-----\r\n    版本                   : 1\r\n    名称                   : sample\r\n"
        "    SSID 名称              :“sample”\r\n    密码                 : CCMP\r\n    关键内容            : “secret”\r\n"
    )
    assert wifi_text.parse_netsh(decode(chinese.encode("gbk"))).value("network.wifi.profiles") == ["sample"]


def worst(form: str, content: str, check: str) -> Verdict:
    found = reading_files.judge(form, FORMATS[form].parse(content.encode())).findings
    return max((f.verdict for f in found if f.check == check), key=lambda verdict: verdict.rank)


def test_what_an_administrator_asks_powershell_for_tells_its_class():
    """Cmdlets print words in place of codes, and a few properties only; what fails in them is found."""
    disks = (
        '[{"FriendlyName": "Sample NVMe", "MediaType": "SSD", "BusType": "NVMe", "HealthStatus": "Healthy", "Size": 1000204886016},'
        ' {"FriendlyName": "Sample Disk", "MediaType": "HDD", "BusType": "SATA", "HealthStatus": "Unhealthy", "Size": 1000204886016}]'
    )
    sheet = powershell_json.parse(disks)
    kinds = [(r.subject, r.value) for r in sheet if r.id in ("storage.disk.kind", "storage.disk.status")]
    assert kinds == [("0", "nvme"), ("0", "Healthy"), ("1", "hdd"), ("1", "Unhealthy")]
    assert worst("powershell-json", disks, "disk_health") is Verdict.ACT
    sheet = powershell_json.parse('{"SMBIOSBIOSVersion": "1.20.0", "SerialNumber": "SAMPLE1"}')
    assert (sheet.value("firmware.version"), sheet.value("system.serial")) == ("1.20.0", "SAMPLE1")


@pytest.mark.parametrize(
    ("content", "check", "verdict"),
    [
        ("\r\r\n\r\r\nModel=Sample Disk\r\r\nStatus=Pred Fail\r\r\n\r\r\n", "disk_health", Verdict.ACT),
        ("\nDeviceID=C:\nDriveType=3\nFreeSpace=8000000000\nSize=511000000000\n", "disk_space", Verdict.ACT),
        (
            "\n\nAntivirusEnabled          : True\nAntivirusSignatureAge     : 12\nRealTimeProtectionEnabled : True\n",
            "antivirus",
            Verdict.WATCH,
        ),
        (
            "\n\nName                 : Public\nEnabled              : False\nDefaultInboundAction : NotConfigured\n",
            "firewall",
            Verdict.WATCH,
        ),
    ],
    ids=["a failing disk", "a full disk", "an old scanner", "a firewall that is off"],
)
def test_a_short_list_is_judged(content, check, verdict):
    """What wmic or PowerShell is asked for by hand, with the properties that matter."""
    assert worst("wmi-list", content, check) is verdict


USER_ACCOUNTS = """# wmic path win32_useraccount get /format:list

AccountType=512
Disabled=TRUE
LocalAccount=TRUE
Name=Gast
PasswordRequired=FALSE
SID=S-1-5-21-1-2-3-501

AccountType=512
Disabled=FALSE
LocalAccount=TRUE
Name=empfang
PasswordRequired=FALSE
SID=S-1-5-21-1-2-3-1001

AccountType=512
Disabled=FALSE
LocalAccount=TRUE
Name=ina
PasswordRequired=TRUE
SID=S-1-5-21-1-2-3-1002
"""


def test_accounts_tell_who_is_there_and_who_may_be_without_a_password():
    """Accounts that are switched off do not count; being allowed to have no password is no proof of having none."""
    sheet = wmi_list.parse(USER_ACCOUNTS)
    assert sheet.value("os.users.count") == 2
    assert sheet.value("security.password_not_required") == ["empfang"]
    found = {f.check: f for f in reading_files.judge("wmi-list", sheet).findings}
    assert found["empty_passwords"].verdict is Verdict.UNKNOWN
    assert "empfang" in found["empty_passwords"].sentence


@pytest.mark.parametrize(
    ("format", "content", "said"),
    [
        (
            "wmi-list",
            "CreationClassName=Win32_Fan\nName=Fan 1\n\nActiveCooling=TRUE\nDesiredSpeed=7\n",
            "Win32_Fan, ActiveCooling",
        ),
        ("wmi-list", USER_ACCOUNTS, ""),
        (
            "reg-export",
            (
                'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\NetworkList]\n"a"="b"\n\n'
                "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\NetworkList\\Nla]\n"
            ),
            "No reading is made of: HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\NetworkList.",
        ),
        ("powershell-json", '[{"CimClass": {"CimClassName": "Win32_Fan"}, "Name": "Fan 1"}]', "Win32_Fan"),
        ("iw", "nothing of it", "iw dev X link"),
    ],
)
def test_what_nobody_asks_about_is_said(tmp_path, format, content, said):
    """A file of which nothing is read is no silent nothing: what it holds is named."""
    file = tmp_path / "capture.txt"
    file.write_text(content, encoding="utf-8")
    remark = reading_files.read(format, file).remark
    assert (said in remark) if said else not remark


@pytest.mark.parametrize(
    "named",
    [
        {
            "CimSystemProperties": {
                "Namespace": "ROOT/cimv2",
                "ServerName": "EMPFANG",
                "ClassName": "Win32_SoundDevice",
            }
        },
        {"CimClass": {"CimSuperClassName": None, "CimSystemProperties": {"ClassName": "Win32_SoundDevice"}}},
        {
            "CimClass": "root/cimv2:Win32_SoundDevice",
            "CimSystemProperties": "Microsoft.Management.CimSystemProperties",
        },
        {"__CLASS": "Win32_SoundDevice"},
    ],
)
def test_a_class_as_convert_to_json_writes_it(named):
    """The class of an object that nothing else tells stands in its parts, or in a word where those were cut off."""
    row = {
        "Name": "Sample HD Audio",
        "PSComputerName": None,
        "CimInstanceProperties": ['Name = "Sample HD Audio"'],
    }
    sheet = powershell_json.parse(json.dumps([named | row]))
    assert [reading.value for reading in sheet if reading.id == "devices.sound.name"] == ["Sample HD Audio"]


def licences(*rows: tuple[str, str]) -> str:
    """Return an export of Office's list of licences: (GUID's beginning, its values)."""
    root = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Office\16.0\Registration"
    keys = "\n\n".join(f"[{root}\\{{{guid}-0011-0000-1000-0000000FF1CE}}]\n{values}" for guid, values in rows)
    return f"Windows Registry Editor Version 5.00\n\n[{root}]\n\n{keys}\n"


CODE = '"ProductCode"="{90160000-0011-0000-1000-0000000FF1CE}"'
MIGHT_BE = [
    ("003D2533", '"ProductName"="Microsoft Office 365"'),
    ("090896A0", '"ProductName"="Microsoft Office 2013 RT"'),
    ("0ED94AAC", '"ProductName"="Microsoft Office Standard 2016"'),
]
IS = ("26B394D7", f'"ProductName"="Microsoft Office Professional Plus 2016"\n{CODE}')
ANOTHER = ("26B394D8", f'"ProductName"="Microsoft Office Home and Student 2016"\n{CODE}')
KEY = ("90160000", '"DigitalProductID"=hex:a4\n"ConvertToEdition"="Microsoft Office Professional 2016"')


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([*MIGHT_BE, IS, ANOTHER, KEY], ["Microsoft Office Professional Plus 2016"]),
        ([*MIGHT_BE, KEY], ["Microsoft Office Professional 2016"]),
        (MIGHT_BE, []),
    ],
    ids=["by its product code", "by its product id", "none"],
)
def test_what_office_could_be_licensed_as_is_not_installed(rows, names):
    """Office 2016 lists some three hundred products; the one that is there has a code or an id of its own."""
    sheet = registry.parse(licences(*rows))
    assert [row["name"] for row in sheet.value("software.office") or []] == names
