// Times that the server wrote in UTC, in the reader's own zone and way: every <time data-local>, where "date" and "time" say
// that only this part is wanted, and "seconds" that the time has seconds.

const FORMATS = { date: { dateStyle: "medium" }, time: { timeStyle: "short" }, seconds: { timeStyle: "medium" }, "": { dateStyle: "medium", timeStyle: "short" } };

export function localTimes(root = document) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang || undefined, FORMATS[time.dataset.local]);
  }
}
