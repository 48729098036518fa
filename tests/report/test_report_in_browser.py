"""The report in a real browser: hostile text stays text, nothing is requested, and everybody can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from coprod_trust.report.step import write_reports
from coprod_trust.store import StudyPaths, open_work
from tests.report.filled import Fixture, fill, insert
from tests.studies import STUDY_YAML

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
ATTACK = (
    '"><script>document.title="taken"</script><img src=http://127.0.0.1:9/x onerror=document.title="taken"> {{7*7}}'
)

OUR_SCRIPT = (files("coprod_trust.report") / "templates" / "figures.js").read_text(encoding="utf-8")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which every text that a study, a file or a coder can bring is an attack."""
    root = tmp_path_factory.mktemp("hostile")
    quoted = "'" + ATTACK.replace("'", "''") + "'"
    yaml = STUDY_YAML
    for label in ("A dozen people", "Start", "trust in the provider", "Participants", "A letter about benefits"):
        key = "title: " if label == "A dozen people" else "label: "
        yaml = yaml.replace(f"{key}{label}", f"{key}{quoted}")
    yaml = yaml.replace("Every person and answer here is invented for tests.", quoted)
    context = fill(root, Fixture(yaml=yaml, code_name=ATTACK))
    with open_work(StudyPaths(root)) as con:
        con.execute("UPDATE problem SET message = ?, name = ?, column_name = ?", [ATTACK, ATTACK, ATTACK])
        con.execute("UPDATE source_file SET name = ? || wave", [ATTACK])
        con.execute("UPDATE participant SET exit_reason = ? WHERE exit_reason IS NOT NULL", [ATTACK])
        con.execute("UPDATE segment SET text = ?, consent_quote = 'yes', speaker_role = 'citizen'", [ATTACK])
        for i in range(14):
            insert(con, "segment_code", segment_id=f"s{i}", code="c0", status="agreed", n_coders=2, n_applied=2)
            insert(
                con,
                "quote_gate",
                segment_id=f"s{i}",
                may_quote=True,
                may_paraphrase=False,
                in_public=False,
                released="internal",
                words=ATTACK,
            )
        con.execute("UPDATE finding SET finding_id = ? WHERE finding_id = 'change.provider.w1-w2'", [ATTACK])
    write_reports(context)
    return root / "work/outbox/reports/w3/internal/report.en.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


def opened(browser: Any, report: Path, width: int = 1280, scheme: str = "light") -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    page.goto(report.as_uri())
    page.wait_for_load_state("load")
    return page, requests


def test_hostile_text_stays_text_and_nothing_is_requested(browser: Any, report: Path) -> None:
    page, requests = opened(browser, report)
    page.wait_for_timeout(200)
    assert page.title() != "taken"
    assert page.locator("iframe, object, embed, link, img, form").count() == 0
    assert page.locator("script").all_text_contents() == [OUR_SCRIPT]
    assert requests == [report.as_uri()]
    assert page.get_by_text('document.title="taken"').count() > 5
    assert page.locator("blockquote p").first.text_content().count("{{7*7}}") == 1
    assert "49" not in page.locator("h1").text_content()
    page.close()


def test_a_script_that_is_not_ours_would_not_run(browser: Any, report: Path) -> None:
    page, _ = opened(browser, report)
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'document.title = \"taken\"';"
        "document.body.append(s);"
        "document.body.insertAdjacentHTML('beforeend', '<button id=b onclick=document.title=\"taken\">x</button>');"
        "document.getElementById('b').click()"
    )
    assert page.title() != "taken"
    page.close()


def test_no_attribute_runs_script(browser: Any, report: Path) -> None:
    page, _ = opened(browser, report)
    handlers = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).map(a => a.name + '=' + a.value)"
        ".filter(t => t.startsWith('on') || /^(href|src|xlink:href)=\\s*javascript:/i.test(t))"
    )
    assert handlers == []
    page.close()


@pytest.mark.parametrize("width", [320, 768])
def test_a_narrow_window_is_not_scrolled_sideways(browser: Any, report: Path, width: int) -> None:
    page, _ = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_headings_landmarks_tables_and_drawings_are_what_a_screen_reader_needs(browser: Any, report: Path) -> None:
    page, _ = opened(browser, report)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for landmark in ("main", "header", "nav", "footer.foot"):
        assert page.locator(landmark).count() == 1, landmark
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(
        "[...document.querySelectorAll('table')].every(t => t.caption && t.caption.textContent.trim())"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('thead th')].every(t => t.scope === 'col' && t.textContent.trim())"
    )
    assert page.evaluate("[...document.querySelectorAll('tbody th')].every(t => t.scope === 'row')")
    assert page.evaluate("[...document.querySelectorAll('table tr')].every(r => r.cells.length > 0)")
    drawings = page.locator("svg")
    assert drawings.count() >= 9
    assert page.evaluate(
        "[...document.querySelectorAll('svg')].every("
        "s => s.getAttribute('role') === 'img' && s.getAttribute('aria-label').length > 40)"
    )
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    page.close()


def test_every_link_leads_somewhere_in_the_page(browser: Any, report: Path) -> None:
    page, _ = opened(browser, report)
    dead = page.evaluate(
        "[...document.querySelectorAll('a[href]')].filter(a => !document.getElementById(decodeURIComponent("
        "a.getAttribute('href').slice(1)))).map(a => a.getAttribute('href'))"
    )
    assert dead == []
    page.close()


CONTRAST = """() => {
  const lum = c => { const v = c.map(x => { x /= 255; return x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4 });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  const rgb = t => (t.match(/[\\d.]+/g) || []).map(Number);
  const poor = [];
  const texts = 'p, span, td, th, a, h1, h2, h3, h4, dt, dd, figcaption, caption, svg text';
  for (const e of document.querySelectorAll(texts)) {
    if (!e.textContent.trim() || (e.closest('svg') && e.tagName !== 'text')) continue;
    const style = getComputedStyle(e);
    const ink = rgb(e.tagName === 'text' ? style.fill : style.color).slice(0, 3);
    let ground = [0, 0, 0, 0], node = e;
    while (node && !(ground[3] === undefined && ground.length === 3 || ground[3] > 0)) {
      ground = rgb(getComputedStyle(node).backgroundColor); node = node.parentElement }
    if (e.closest('#reliable svg')) continue;
    const [a, b] = [lum(ink), lum(ground)].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.tagName + ' ' + e.textContent.trim().slice(0, 30) + ' ' + style.color);
  }
  return [...new Set(poor)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, report: Path, scheme: str) -> None:
    page, _ = opened(browser, report, scheme=scheme)
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_wide_tables_can_be_reached_by_keyboard(browser: Any, report: Path) -> None:
    page, _ = opened(browser, report, 320)
    unreachable = page.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".filter(s => s.tabIndex !== 0 || !s.getAttribute('aria-label')).length"
    )
    assert unreachable == 0
    names = page.evaluate("[...document.querySelectorAll('[role=region]')].map(s => s.getAttribute('aria-label'))")
    assert len(set(names)) == len(names) > 20
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_no_violation(browser: Any, report: Path, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _ = opened(browser, report, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page)
    told = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found.response["violations"]]
    assert told == []
    assert len(found.response["passes"]) > 20
    page.close()


PERSON = "#trajectories .panel:first-child path[data-person]"


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Any]:
    page, _ = opened(browser, report)
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    yield page
    assert errors == []
    page.close()


def test_pointing_at_a_line_tells_whose_it_is_and_shows_the_same_person_elsewhere(page: Any) -> None:
    page.locator(f"{PERSON} >> nth=0").scroll_into_view_if_needed()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    told = page.evaluate(f"document.querySelector('{PERSON}').dataset.told")
    person = page.evaluate(f"document.querySelector('{PERSON}').dataset.person")
    assert person == "P001"
    assert re.fullmatch(r"P001: .* \d+\.\d, .*", told)
    at = page.evaluate(
        f"(() => {{ const p = document.querySelector('{PERSON}'), m = p.getScreenCTM(), q = p.getPointAtLength(1);"
        "return [m.a * q.x + m.e, m.d * q.y + m.f] })()"
    )
    page.mouse.move(*at)
    tip = page.locator(".tip")
    assert tip.is_visible()
    assert tip.text_content().startswith("P0")
    held = tip.text_content().split(":")[0]
    assert page.evaluate("new Set([...document.querySelectorAll('.on')].map(m => m.dataset.person)).size") == 1
    panels = page.evaluate("new Set([...document.querySelectorAll('.on')].map(m => m.closest('.panel'))).size")
    assert panels == page.evaluate(
        "p => new Set([...document.querySelectorAll('[data-person]')].filter(m => m.dataset.person === p)"
        ".map(m => m.closest('.panel'))).size",
        held,
    )
    assert panels > 4
    page.mouse.move(5, 5)
    assert tip.is_hidden()
    assert page.locator(".on").count() == 0


def test_values_are_walked_over_by_keyboard_groups_before_people(page: Any) -> None:
    slider = page.locator("#trajectories .explore").first
    slider.focus()
    said = []
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        said.append(slider.get_attribute("aria-valuetext"))
        assert page.locator(".tip").text_content() == said[-1]
        assert page.locator(".tip").is_visible()
    page.mouse.wheel(0, 40)
    page.wait_for_timeout(100)
    assert page.locator(".tip").text_content() == said[-1] and page.locator(".tip").is_visible(), (
        "it goes with the page"
    )
    assert len(set(said)) == 5
    assert [s.startswith("P0") for s in said] == [False] * 4 + [True]
    assert "70.0 (66.1 to 73.9), 60 people" in said[1]
    page.keyboard.press("Escape")
    assert page.locator(".tip").is_hidden()
    page.keyboard.press("Tab")
    assert slider.get_attribute("aria-valuetext") == "–"


def test_a_series_is_taken_away_on_the_screen_and_stays_on_paper(page: Any) -> None:
    button = page.locator("#trajectories .series button").first
    lines = page.locator("#trajectories path[data-person]")
    assert lines.first.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    assert page.locator("#trajectories path[data-person]:visible").count() == 0
    page.emulate_media(media="print")
    assert lines.first.is_visible()
    assert page.locator(".explore:visible, .series:visible, .tip:visible").count() == 0
    page.emulate_media(media="screen")
    button.click()
    assert lines.first.is_visible()


def test_without_script_the_page_shows_every_drawing_and_nothing_that_does_not_work(browser: Any, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("svg:visible").count() == page.locator("svg").count() >= 9
    assert page.locator(".explore:visible, .series:visible, .tip").count() == 0
    context.close()
