// The list of alerts: j and k walk it, x chooses, a acknowledges the one in focus. Boxes and buttons work without this.
import { onKey } from "./keys.js";

const rows = () => [...document.querySelectorAll("[data-step]")];
const current = () => rows().find((row) => row.contains(document.activeElement));

function step(direction) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[at < 0 ? (direction > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + direction, 0), all.length - 1)];
  next?.querySelector("a").focus();
  next?.scrollIntoView({ block: "nearest" });
}

// --- choosing -------------------------------------------------------------------------------------------------------
const bulk = document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll("input[name=selected]")];

function tell() {
  const chosen = boxes().filter((box) => box.checked);
  bulk.querySelector("[data-picked]").textContent = chosen.length ? `${chosen.length} chosen` : "Choose all";
  for (const button of bulk.querySelectorAll("button")) button.hidden = !chosen.length;
  for (const box of boxes()) box.closest("li").toggleAttribute("data-chosen", box.checked);
}

if (bulk) {
  const all = bulk.querySelector("[data-pick-all]");
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  addEventListener("change", (event) => event.target.name === "selected" && tell());
  // A silence is made on a page of its own: its button sends the form as any other.
  addEventListener("submit", (event) => {
    if (event.submitter?.matches("[data-plain]")) {
      event.stopImmediatePropagation();
      event.preventDefault();
      const form = document.getElementById("bulk");
      form.action = event.submitter.formAction;
      form.submit();
    }
  }, { capture: true });
  tell();
}

if (rows().length) {
  onKey("j", "Next alert", () => step(1));
  onKey("k", "The one before", () => step(-1));
  onKey("x", "Choose it", () => current()?.querySelector("input[name=selected]")?.click());
  onKey("a", "Acknowledge it", () => current()?.querySelector("form[data-act] button")?.click());
}
