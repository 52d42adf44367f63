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

export function tick(value, unit) {
  const text = Math.abs(value) >= 1000 ? `${+(value / 1000).toFixed(1)}k` : `${+value.toFixed(2)}`;
  return text + unit;
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
