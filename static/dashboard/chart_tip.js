// The tooltip of a chart: it follows the shared cursor; a click pins it, and it then leads to counts, alerts, deployments.
import { bandsAt, markersNear } from "./chart_paint.js";
import { anchor, countsOf, timeWords, valueWords } from "./chart_words.js";

// `chartOf` returns what is drawn now: data may have changed since the plot was made. `goBack` leaves the zoom.
export function tooltip(element, chartOf, goBack) {
  let tip;
  let isPinned = false;

  function fill(plot, index) {
    const chart = chartOf();
    const [time, ...values] = [timeWords(chart.start + index * chart.step, chart.step), ...valueWords(chart, index)];
    const about = [...markersNear(chart, index), ...bandsAt(chart, index)].filter((each) => each.words || each.label);
    tip.replaceChildren(...[time, ...values].map((text) => line(text)), ...about.map(explained));
    const href = countsOf(element, chart, index);
    if (href && isPinned) tip.append(anchor(href, element.dataset.countsWords ?? "Counts and events"));
    tip.style.left = `${besides(plot.valToPos(plot.data[0][index], "x"), tip.offsetWidth, plot.over.clientWidth - 8)}px`;
    tip.style.top = "4px";
  }

  function explained(each) {
    const words = each.words || each.label;
    const part = line(isPinned && each.link ? "" : words, each.kind === "fired" ? "fired" : "deploy");
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
      if (event.detail === 2) {
        event.preventDefault(); // no "dblclick" comes where the first click has put the tooltip under the pointer
        return goBack();
      }
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

// Right of the pointer, else left of it, else as far right as there is room.
function besides(pointer, width, room) {
  if (pointer + 12 + width <= room) return pointer + 12;
  return pointer - 12 - width >= 0 ? pointer - 12 - width : Math.max(room - width, 0);
}

function line(text, kind = "") {
  const part = document.createElement("span");
  part.textContent = text;
  part.className = kind;
  return part;
}
