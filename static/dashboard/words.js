// The same words as tradewatch/dashboard/words.py, for what changes while the page is open.
export function span(seconds) {
  const total = Math.max(Math.floor(seconds), 0);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min`;
  if (total < 86400) {
    const hours = Math.floor(total / 3600);
    const minutes = Math.floor((total % 3600) / 60);
    return minutes && hours < 10 ? `${hours} h ${minutes} min` : `${hours} h`;
  }
  const days = Math.floor(total / 86400);
  return days < 60 ? `${days} d` : `${Math.floor(days / 30)} mo`;
}

// A value with its unit, short enough for an axis. `ms`, `s` and `B` (bytes, also `B/s`) change to what reads well.
export function tick(value, unit) {
  if (unit === "s") return tick(value * 1000, "ms");
  const text = unit === "ms" ? duration(Math.abs(value)) : /^B\b/.test(unit) ? bytes(Math.abs(value), unit) : plain(Math.abs(value), unit);
  return value < 0 ? `−${text}` : text;
}

function plain(value, unit) {
  const space = /^[a-z]/i.test(unit) ? " " : "";
  if (value >= 1e6) return `${+(value / 1e6).toFixed(1)}M${space}${unit}`;
  if (value >= 1000) return `${+(value / 1000).toFixed(1)}k${space}${unit}`;
  return `${value && value < 0.1 ? +value.toPrecision(2) : +value.toFixed(2)}${space}${unit}`;
}

function duration(milliseconds) {
  if (milliseconds >= 60_000) return `${+(milliseconds / 60_000).toFixed(1)} min`;
  if (milliseconds >= 1000) return `${+(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds && milliseconds < 0.1 ? +milliseconds.toPrecision(2) : +milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
}

function bytes(value, unit) {
  const power = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), 4);
  return `${+(value / 1000 ** power).toFixed(power && value / 1000 ** power < 10 ? 1 : 0)} ${["", "k", "M", "G", "T"][power]}${unit}`;
}

// Pages speak UTC; the browser's own time stands beside it, in titles and tooltips.
const pad = (number) => String(number).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function clock(date, hasSeconds = false) {
  const text = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  return hasSeconds ? `${text}:${pad(date.getUTCSeconds())}` : text;
}

export function day(date) {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

export function local(date) {
  const text = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  return date.getTimezoneOffset() ? `${text} local` : "";
}
