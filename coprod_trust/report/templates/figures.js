// Lets a reader ask a drawing for its values: by pointer, touch or arrow keys; hold a person's marks; hide a series.
// Everything told stands in the drawing's own marks (data-told) and is shown as text. Without this the page is whole.
(() => {
  "use strict";
  const NEAR = [[0, 0], [0, -4], [0, 4], [-4, 0], [4, 0], [0, -8], [0, 8], [-8, 0], [8, 0]];
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.querySelector("main").append(tip);

  const people = new Map();
  for (const mark of document.querySelectorAll("[data-person]")) {
    const id = mark.dataset.person;
    if (!people.has(id)) people.set(id, []);
    people.get(id).push(mark);
  }

  let shown = [], held = false;
  const clear = () => {
    for (const mark of shown) {
      mark.classList.remove("on");
      mark.ownerSVGElement.classList.remove("asked");
    }
    shown = [];
    held = false;
    tip.hidden = true;
  };

  // Marks that say the same are one value: a dot and its interval, a person's line and dots.
  const alike = mark => mark.dataset.person !== undefined ? people.get(mark.dataset.person) :
    [...mark.ownerSVGElement.querySelectorAll("[data-told]")].filter(m => m.dataset.told === mark.dataset.told);

  const show = (mark, x, y) => {
    if (!shown.includes(mark)) {
      clear();
      shown = alike(mark);
      for (const m of shown) {
        m.classList.add("on");
        if (m.dataset.person !== undefined) m.ownerSVGElement.classList.add("asked");
      }
    }
    tip.textContent = mark.dataset.told;
    tip.hidden = false;
    const box = tip.getBoundingClientRect(), wide = document.documentElement.clientWidth;
    tip.style.left = Math.max(4, Math.min(x + 14, wide - box.width - 4)) + "px";
    tip.style.top = (y - box.height - 12 < 4 ? y + 18 : y - box.height - 12) + "px";
  };

  const under = (svg, x, y) => {
    for (const [dx, dy] of NEAR)
      for (const found of document.elementsFromPoint(x + dx, y + dy))
        if (found.dataset.told !== undefined && svg.contains(found)) return found;
    return null;
  };

  const watch = (drawing, svg) => {
    drawing.addEventListener("pointermove", e => {
      if (held) return;
      const mark = under(svg, e.clientX, e.clientY);
      if (mark) show(mark, e.clientX, e.clientY); else clear();
    });
    drawing.addEventListener("pointerleave", () => { if (!held) clear(); });
    drawing.addEventListener("click", e => {
      const mark = under(svg, e.clientX, e.clientY);
      clear();
      if (mark) { show(mark, e.clientX, e.clientY); held = true; }
    });
  };

  // A slider under each drawing walks over its values: groups first, then people. At 0 nothing is told.
  const walk = (range, svg) => {
    const values = () => {
      const seen = new Map(), there = [...svg.querySelectorAll("[data-told]")].filter(m => !m.closest(".off"));
      for (const m of [...there.filter(m => !m.dataset.person), ...there.filter(m => m.dataset.person)])
        if (!seen.has(m.dataset.told)) seen.set(m.dataset.told, m);
      return [...seen.values()];
    };
    const step = () => {
      const mark = values()[range.value - 1];
      range.setAttribute("aria-valuetext", mark ? mark.dataset.told : "–");
      clear();
      if (!mark) return;
      const box = mark.getBoundingClientRect();
      show(mark, box.left + box.width / 2, box.top);
      held = true;
    };
    const reset = () => { range.value = 0; range.max = values().length; step(); };
    range.addEventListener("input", step);
    range.addEventListener("focus", reset);
    range.addEventListener("blur", reset);
    range.max = values().length;
    range.setAttribute("aria-valuetext", "–");
    range.hidden = false;
  };

  for (const figure of document.querySelectorAll("figure")) {
    for (const drawing of figure.querySelectorAll(".drawing")) {
      const svg = drawing.querySelector("svg"), range = drawing.parentElement.querySelector(".explore");
      if (!range) continue;
      watch(drawing, svg);
      walk(range, svg);
    }
    const series = figure.querySelector(".series");
    if (!series) continue;
    series.hidden = false;
    for (const button of series.querySelectorAll("button"))
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", on);
        clear();
        for (const m of figure.querySelectorAll(`[class*=" series_${button.dataset.series}_"]`)) m.classList.toggle("off", !on);
      });
  }
  document.addEventListener("keydown", e => { if (e.key === "Escape") clear(); });
  // What a slider tells goes with its mark when the page moves, as it does where focus brings the slider into view.
  addEventListener("scroll", () => {
    if (tip.hidden) return;
    const at = document.activeElement;
    if (held && at.matches(".explore")) at.dispatchEvent(new Event("input")); else clear();
  }, { passive: true });
})();
