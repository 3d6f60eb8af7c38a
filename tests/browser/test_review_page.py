"""Two reviewers, a real browser and the real program: a held send is looked at, approved twice, and goes out."""

from __future__ import annotations

import os
import shutil
import smtplib
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from gateway.demo.families import HEADER, families
from gateway.model import Role
from tests.wire.program import PASSWORD, Program, RecordingHop, running
from tests.wire.test_journey import mail, one_send, send_all, zipped

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and "CI" not in os.environ, reason="no chromium and chromedriver here"
)

ROWS = families(people=50, households=25, repeats=0, rewritten=0)


@pytest.fixture
def browser():
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1280,1400",
        "--disable-background-networking",
    ):
        options.add_argument(argument)
    options.binary_location = CHROMIUM or ""
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    browser.implicitly_wait(15)
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    hop = RecordingHop()
    hop.start()
    program = Program(tmp_path_factory.mktemp("browser"), next_hop_port=hop.port)
    program.add_people(hanako=Role.REVIEWER, jiro=Role.REVIEWER)
    with running(program):
        send_all(program, "<b>名簿</b>", "leak@example.jp", 12, zipped([HEADER, *ROWS]), "reader")
        one_send(program, "<b>名簿</b>", "HELD")
        yield program, hop
    hop.stop()


def sign_in(browser, program, name):
    browser.delete_all_cookies()
    browser.get(f"http://127.0.0.1:{program.web_port}/login?lang=ja")
    browser.find_element(By.NAME, "name").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "form.login button").click()


def body(browser):
    return browser.find_element(By.TAG_NAME, "body").text


def sees(browser, words):
    """Wait for the next page: a password takes its time to be checked."""
    return WebDriverWait(browser, 20, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda b: words in body(b)
    )


def test_two_people_approve_on_the_page_and_the_mails_leave(browser, held):
    program, hop = held
    sign_in(browser, program, "hanako")
    assert sees(browser, "<b>名簿</b>")  # the subject is text, whatever it says
    browser.find_element(By.CSS_SELECTOR, "table.list a").click()
    assert sees(browser, "止めた理由")
    page = body(browser)
    for expected in ("止めた理由", "50", "25", "氏名", "生年月日", "お知らせ", "2 名のうち 0 名が承認"):
        assert expected in page
    assert "山田" not in page and "@example.com 様" not in page  # no value of a person, no merge field
    if shots := os.environ.get("SEKISHO_SCREENSHOTS"):
        browser.save_screenshot(str(Path(shots) / "review.png"))
    address = browser.current_url
    browser.find_element(By.CSS_SELECTOR, "button[value=approve]").click()
    assert sees(browser, "内容の確認にチェック")
    browser.get(address)
    browser.find_element(By.NAME, "confirm").click()
    browser.find_element(By.CSS_SELECTOR, "button[value=approve]").click()
    assert sees(browser, "2 名のうち 1 名が承認")
    assert "button" not in browser.find_element(By.CSS_SELECTOR, ".decide").get_attribute("innerHTML")
    sign_in(browser, program, "jiro")
    assert sees(browser, "jiro")
    browser.get(address + "?lang=en")
    assert sees(browser, "Reasons for the hold")
    assert not hop.received
    browser.find_element(By.NAME, "confirm").click()
    browser.find_element(By.CSS_SELECTOR, "button[value=approve]").click()
    one_send(program, "<b>名簿</b>", "DONE")
    assert sum(hop.received.values()) == 12


def test_a_list_is_revealed_on_a_telephone_and_masked_again(browser, held):
    program, _ = held
    telephone = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", telephone)
    sign_in(browser, program, "jiro")
    assert sees(browser, "jiro")
    browser.get(f"http://127.0.0.1:{program.web_port}/?state=all&lang=ja")
    browser.find_element(By.CSS_SELECTOR, "table.list a").click()
    assert sees(browser, "伏せ字で表示しています")
    assert ROWS[0][1] not in browser.page_source and "〇〇" in body(browser)
    assert fits(browser)
    browser.find_element(By.CSS_SELECTOR, ".part form button").click()
    assert sees(browser, "記録しました")
    assert ROWS[0][1] in body(browser) and "フリガナ" in body(browser)
    assert browser.current_url.endswith("/reveals#part-1")
    assert fits(browser)
    browser.find_element(By.LINK_TEXT, "伏せ字に戻す").click()
    assert sees(browser, "内容を表示 jiro")  # in the log of the send
    assert ROWS[0][1] not in browser.page_source


def fits(browser):
    """Tell whether nothing sticks out of the window at its side."""
    return browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


def test_what_is_not_what_it_is_called_is_said_in_both_languages(browser, held):
    program, _ = held
    message = mail("reader@example.com", "請求書")
    harmless = zipped([["品目", "数"], ["りんご", "3"]])
    message.add_attachment(harmless, maintype="application", subtype="pdf", filename="請求書.pdf")
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.send_message(message, "bill@example.jp")
    one_send(program, "請求書", "HELD")
    sign_in(browser, program, "hanako")
    assert sees(browser, "hanako")
    browser.get(f"http://127.0.0.1:{program.web_port}/?lang=ja")
    browser.find_element(By.LINK_TEXT, "請求書").click()
    assert sees(browser, "PDFと名乗っていますが、中身は違います(application/zip)")
    if shots := os.environ.get("SEKISHO_SCREENSHOTS"):
        browser.save_screenshot(str(Path(shots) / "mislabelled.png"))
    browser.get(browser.current_url + "?lang=en")
    assert sees(browser, "Called a PDF, but it is not (application/zip)")
    assert "(a ZIP called PDF, and the like): 1" in body(browser)


def test_a_wrong_password_says_nothing_of_the_account(browser, held):
    program, _ = held
    browser.get(f"http://127.0.0.1:{program.web_port}/login?lang=en")
    for name in ("hanako", "nobody"):
        browser.find_element(By.NAME, "name").send_keys(name)
        browser.find_element(By.NAME, "password").send_keys("wrong password")
        browser.find_element(By.CSS_SELECTOR, "form.login button").click()
        assert sees(browser, "Wrong name or password")
