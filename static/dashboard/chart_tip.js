// The tooltip of a chart: it follows the shared cursor; a click pins it, and it then leads to counts, alerts, deployments.
import { bandsAt, markersNear } from "./chart_paint.js";
import { anchor, countsOf, timeWords, valueWords } from "./chart_words.js";

// `chartOf` returns what is drawn now: data may have changed since the plot was made.
export function tooltip(element, chartOf) {
  let tip;
  let isPinned = false;

  function fill(plot, index) {
    const chart = chartOf();
    const [time, ...values] = [timeWords(chart.start + index * chart.step, chart.step), ...valueWords(chart, index)];
    const about = [...markersNear(chart, index), ...bandsAt(chart, index)].filter((each) => each.words || each.label);
    tip.replaceChildren(...[time, ...values].map((text) => line(text)), ...about.map(explained));
    const href = countsOf(element, chart, index);
    if (href && isPinned) tip.append(anchor(href, element.dataset.countsWords ?? "Counts and events"));
    const left = plot.valToPos(plot.data[0][index], "x");
    const room = plot.over.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(Math.min(left + 12, room), 0)}px`;
    tip.style.top = "4px";
  }

  function explained(each) {
    const words = each.words || each.label;
    const part = line(isPinned && each.link ? "" : words, each.kind ?? "deploy");
    if (isPinned && each.link) part.append(anchor(each.link, words));
    return part;
  }

  function unpin() {
    isPinned = false;
    tip.classList.remove("pinned");
    tip.hidden = true;
  }

  function pin(plot) {
    unpin();
    isPinned = true;
    tip.classList.add("pinned");
    tip.hidden = false;
    fill(plot, plot.cursor.idx);
  }

  function init(plot) {
    tip = document.createElement("div");
    tip.className = "plot-tip";
    tip.hidden = true;
    plot.over.append(tip);
    let downAt = 0;
    plot.over.addEventListener("mousedown", (event) => (downAt = event.clientX));
    plot.over.addEventListener("click", (event) => {
      if (!event.target.closest("a") && Math.abs(event.clientX - downAt) <= 4 && plot.cursor.idx != null) pin(plot);
    });
    element.addEventListener("unpin", unpin);
  }

  function setCursor(plot) {
    if (isPinned || !chartOf()) return;
    const { idx, left } = plot.cursor;
    tip.hidden = idx == null || left < 0;
    if (!tip.hidden) fill(plot, idx);
  }

  return { hooks: { init, setCursor } };
}

function line(text, kind = "") {
  const part = document.createElement("span");
  part.textContent = text;
  part.className = kind;
  return part;
}
