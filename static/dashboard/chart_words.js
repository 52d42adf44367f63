// What a chart says at one step: its time, the value of each line, and the page that lists what they were made of.
import { clock, day, local, tick } from "./words.js";

export const linesOf = (chart) => [chart, ...(chart.more ?? [])]; // the first line's name, style, values are the chart's own
export const isEmpty = (chart) => linesOf(chart).every((line) => line.values.every((value) => value === null));

export function axisWords(seconds, step) {
  const date = new Date(seconds * 1000);
  return step >= 86400 ? day(date) : clock(date);
}

export function timeWords(seconds, step) {
  const date = new Date(seconds * 1000);
  const text = step >= 3600 ? `${day(date)}, ${clock(date)}` : clock(date);
  return [`${text} UTC`, local(date)].filter(Boolean).join(" · ");
}

export function valueWords(chart, index) {
  const lines = linesOf(chart);
  if (lines.every((line) => line.values[index] == null)) {
    return [chart.silence === "no data" ? `no data: ${lines.map((line) => line.name).join(", ")}` : chart.silence];
  }
  const isRunning = chart.is_running && index === chart.values.length - 1;
  return lines.map(({ name, values }) => {
    const value = values[index];
    return value == null ? `no data: ${name}` : `${tick(value, chart.unit)} ${name}${isRunning ? ", so far" : ""}`;
  });
}

export function countsOf(element, chart, index) {
  if (!element.dataset.counts) return null;
  const from = chart.start + index * chart.step;
  return withRange(element.dataset.counts, from, from + chart.step);
}

// `href` with the half-open time [from, to) in seconds in place of its own; both on whole minutes.
export function withRange(href, from, to) {
  const url = new URL(href, location.href);
  const at = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16);
  for (const name of ["window", "cursor"]) url.searchParams.delete(name);
  url.searchParams.set("start", at(from));
  url.searchParams.set("end", at(to));
  return url.pathname + url.search;
}

export function fillTable(table, element, chart) {
  const rows = chart.values.map((_, index) => {
    const from = chart.start + index * chart.step;
    const when = chart.step >= 900 ? `${day(new Date(from * 1000))}, ${axisWords(from, 0)}` : axisWords(from, 0);
    const values = linesOf(chart).map((line) => line.values[index]);
    return row(countsOf(element, chart, index), when, values.map((value) => (value == null ? "no data" : tick(value, chart.unit))));
  });
  table.querySelector("tbody").replaceChildren(...rows.reverse());
}

function row(href, when, values) {
  const element = document.createElement("tr");
  const first = document.createElement("td");
  first.textContent = when;
  if (href) first.replaceChildren(anchor(href, when));
  element.append(first, ...values.map(cell));
  return element;
}

function cell(text) {
  const element = document.createElement("td");
  element.textContent = text;
  element.className = "r";
  return element;
}

export function anchor(href, words) {
  const element = document.createElement("a");
  element.href = href;
  element.textContent = words;
  return element;
}
