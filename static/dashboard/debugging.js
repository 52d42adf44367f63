// The workbench of a debugging session: keys that lead to its two fields, and what is under way kept current.
import { onKey } from "./keys.js";

// The page may be drawn anew, and the fields go with the session's end: each key looks for its field when pressed.
function focusOn(id) {
  const field = document.getElementById(id);
  field?.focus();
  field?.scrollIntoView({ block: "center" });
}

if (document.getElementById("note-new")) {
  onKey("n", "Write a note", () => focusOn("note-new"));
  onKey("e", "Conclude", () => focusOn("conclusion-text"));
}

// What a button in a live place did shows there: the page is not loaded anew, which would lose what somebody writes.
const UNSETTLED_MS = 4000;

if (document.querySelector("[data-live-url]")) {
  const { changed } = await import("./live.js");
  addEventListener("acted", (event) => {
    if (!event.target.closest?.("main [data-live]")) return;
    event.preventDefault();
    changed?.();
  });
  // News that came while the page was on its way was told to nobody: what is under way is asked for.
  setInterval(() => document.querySelector("main [data-unsettled]") && changed?.(), UNSETTLED_MS);
}
