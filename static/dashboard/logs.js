// The page of logs: lines are walked by keyboard, and the server says when new ones came. Rows never move under a
// pointer: "3 new, show" stands above the list until it is pressed. Without this script all of it works but the news.
import { onKey } from "./keys.js";
import { openLine } from "./line.js";

// --- walking ------------------------------------------------------------------------------------------------------------
const lines = () => [...document.querySelectorAll("[data-lines] > details")];
let here = -1;

function go(step) {
  const all = lines();
  if (!all.length) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  all.forEach((each, index) => each.classList.toggle("here", index === here));
  const summary = all[here].querySelector("summary");
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const line = event.target.closest?.("[data-lines] > details");
  if (line) here = lines().indexOf(line);
});
onKey("j", "Next line", () => go(1));
onKey("k", "Line before", () => go(-1));
onKey("o", "Open or close the line", () => {
  const line = lines()[here];
  if (line) line.open = !line.open;
});

// --- news ---------------------------------------------------------------------------------------------------------------
const place = document.querySelector("[data-tail]");

function hear(message) {
  if (message.type !== "news") return;
  place.querySelector("[data-count]").textContent = message.has_more ? `${message.count}+` : message.count;
  place.hidden = !message.count;
}

if (place) openLine(place.dataset.tail, { hear, tell: () => {}, refused: () => {} });
