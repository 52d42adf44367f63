// The page of one alert: "n" writes a note. Buttons, menus and their keys are the frame's (keys.js, acts.js).
import { onKey } from "./keys.js";

const note = document.getElementById("note-new");
if (note) onKey("n", "Write a note", () => note.focus());
