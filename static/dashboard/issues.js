// The list of issues: rows are chosen and walked by keyboard, the search field completes. Without this script the boxes,
// the bar above the list and the field work as in any form.
import { onKey } from "./keys.js";

const list = document.querySelector("form[data-list]");
const rows = () => [...document.querySelectorAll("tr[data-issue]")];
const boxOf = (row) => row.querySelector("[name=issue]");
const chosen = () => rows().filter((row) => boxOf(row)?.checked);

// --- choosing ---------------------------------------------------------------------------------------------------------
function tell() {
  const words = list?.querySelector("[data-chosen]");
  if (!words) return;
  const count = chosen().length;
  const all = list.querySelector("[data-all]");
  words.textContent = `${count} chosen`;
  all.checked = count > 0 && count === rows().length;
  all.indeterminate = count > 0 && !all.checked;
}

list?.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const row of rows()) boxOf(row).checked = event.target.checked;
  tell();
});
tell(); // a page that comes back from the history may have boxes ticked

// --- walking ------------------------------------------------------------------------------------------------------------
let here = -1;

function go(step) {
  const all = rows();
  if (!all.length) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  for (const row of all) row.classList.toggle("here", row === all[here]);
  const link = all[here].querySelector("[data-open]");
  link.focus({ preventScroll: true });
  all[here].scrollIntoView({ block: "nearest" });
}

function toggle() {
  const box = rows()[here] && boxOf(rows()[here]);
  if (!box) return;
  box.checked = !box.checked;
  tell();
}

// Act on what is chosen; with nothing chosen on the row one stands on.
function press(key) {
  const button = list?.querySelector(`[data-bulk="${key}"]`);
  if (!button) return;
  if (!chosen().length && rows()[here]) boxOf(rows()[here]).checked = true;
  tell();
  if (chosen().length) list.requestSubmit(button);
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("tr[data-issue]");
  if (row) here = rows().indexOf(row);
});
onKey("j", "Next issue", () => go(1));
onKey("k", "Issue before", () => go(-1));
if (list?.querySelector(".bulk")) {
  onKey("x", "Choose the issue", toggle);
  onKey("e", "Resolve", () => press("e"));
  onKey("i", "Ignore", () => press("i"));
  onKey("a", "Assign to me", () => press("a"));
}

// --- completing ---------------------------------------------------------------------------------------------------------
const form = document.querySelector("form[data-search]");
const field = form?.querySelector("[name=q]");
const WAIT_MS = 120;
let box;
let at = 0;
let marked = -1;
let waiting;
let asked = 0;

function open(suggestions) {
  close();
  if (!suggestions.length || document.activeElement !== field) return;
  box = document.createElement("ul");
  box.className = "float completion";
  box.id = "completion";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Suggestions");
  suggestions.forEach(({ text, says }, index) => {
    const item = document.createElement("li");
    item.id = `completion-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const code = document.createElement("code");
    const words = document.createElement("span");
    code.textContent = text;
    words.textContent = says;
    words.className = "clip";
    item.append(code, words);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      take(text);
    });
    box.append(item);
  });
  form.append(box);
  field.setAttribute("aria-expanded", "true");
}

function close() {
  box?.remove();
  box = undefined;
  marked = -1;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function mark(step) {
  const items = [...box.children];
  marked = (marked + step + items.length) % items.length;
  items.forEach((item, index) => item.setAttribute("aria-selected", String(index === marked)));
  field.setAttribute("aria-activedescendant", items[marked].id);
  items[marked].scrollIntoView({ block: "nearest" });
}

function take(text) {
  const caret = field.selectionStart;
  const ends = text.endsWith(":") ? text : `${text} `;
  field.setRangeText(ends, at, caret, "end");
  close();
  if (text.endsWith(":")) ask();
}

async function ask() {
  const number = ++asked;
  const url = new URL(form.dataset.search, location.href);
  url.searchParams.set("q", field.value.slice(0, field.selectionStart));
  try {
    const answer = await (await fetch(url, { headers: { Accept: "application/json" } })).json();
    if (number !== asked) return; // typed on meanwhile
    at = answer.at;
    open(answer.suggestions);
  } catch {
    close(); // suggestions are a help, the field works without
  }
}

if (field) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", "completion");
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  };
  field.addEventListener("input", later);
  field.addEventListener("focus", later);
  field.addEventListener("blur", () => {
    clearTimeout(waiting);
    asked++;
    close();
  });
  field.addEventListener("keydown", (event) => {
    if (!box) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") close();
    else if ((event.key === "Enter" || event.key === "Tab") && marked >= 0) take(box.children[marked].querySelector("code").textContent);
    else return;
    event.preventDefault();
  });
}
