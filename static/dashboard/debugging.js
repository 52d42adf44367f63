// The workbench of a debugging session: keys that lead to its two fields.
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
