// The one place for keyboard shortcuts. A page's module calls `onKey("j", "Next issue", act)`; an element with
// `data-key` is clicked by its key; the sidebar's `data-go` links answer to `g` and a letter; `?` lists all of them.
// Off while typing, while a dialog is open, and with Ctrl, Alt or Meta held.
const bound = new Map(); // "j" or "g d" -> {words, act}
const SEQUENCE_MS = 1200;
let first = ""; // the first key of a sequence that waits for its second
let waiting;

export const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable]"));

// `act(event)` runs on `keys`; `words` say in the list what it does. Bound again, the later one holds.
export function onKey(keys, words, act) {
  bound.set(keys, { words, act });
}

function find(keys) {
  if (bound.has(keys)) return bound.get(keys).act;
  const visible = [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find((each) => each.checkVisibility());
  return visible && (() => visible.click());
}

function isPrefix(key) {
  return [...bound.keys()].some((keys) => keys.startsWith(key + " "));
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || event.key === "Shift") return;
  const keys = first ? `${first} ${event.key}` : event.key;
  clearTimeout(waiting);
  first = "";
  const act = find(keys);
  if (act) {
    event.preventDefault();
    act(event);
  } else if (keys === event.key && isPrefix(keys)) {
    first = keys;
    waiting = setTimeout(() => (first = ""), SEQUENCE_MS);
  }
});

// --- the list of all of them ----------------------------------------------------------------------------------------
function rows() {
  const own = [...document.querySelectorAll("[data-key]")].filter((each) => each.checkVisibility());
  const shown = own.map((each) => [each.dataset.key, each.dataset.keyWords || wordsOf(each)]);
  return [...shown, ...[...bound].map(([keys, { words }]) => [keys, words])].filter(([, words]) => words);
}

function wordsOf(element) {
  if (element.ariaLabel) return element.ariaLabel;
  const copy = element.cloneNode(true);
  for (const each of copy.querySelectorAll("kbd")) each.remove();
  return copy.textContent.trim();
}

function list() {
  const dialog = document.createElement("dialog");
  dialog.className = "keylist";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keyboard";
  const lines = document.createElement("dl");
  for (const [keys, words] of rows()) {
    const term = document.createElement("dt");
    const means = document.createElement("dd");
    for (const key of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap);
    }
    means.textContent = words;
    lines.append(term, means);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, lines, close);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

onKey("?", "This list", list);
for (const link of document.querySelectorAll("[data-go]")) {
  const keys = `g ${link.dataset.go}`;
  if (!bound.has(keys)) onKey(keys, `Go to ${link.dataset.goWords}`, () => link.click());
}
