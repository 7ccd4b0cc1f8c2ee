// Downloading a clip: the server makes (or has) a copy with its author's name on it; the dialog waits with it, then the
// browser saves the file. Closing the dialog stops the waiting, not the work: the next download finds the copy ready.

import { api } from "app/api";
import { element, openDialog } from "app/dialog";
import { toast } from "app/toast";

const PAUSE = 900; // ms between two questions

export async function download(id) {
  const meter = element("div", { class: "meter", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": gettext("Preparing the download") }, document.createElement("span"));
  const line = element("p", { class: "quiet small", role: "status", textContent: gettext("Preparing the file…") });
  const box = openDialog(gettext("Download"), [line, meter], {});
  let closed = false;
  box.addEventListener("close", () => (closed = true));
  try {
    for (;;) {
      const { state, percent = 0, url, filename, error: wrong } = await api.post(`videos/${id}/download/`);
      if (closed) return;
      if (state === "failed") throw new Error(wrong?.message || gettext("The copy could not be made. Try again in a moment."));
      if (url) {
        const link = element("a", { href: url, download: filename ?? `clip-${id}.mp4` });
        box.append(link);
        link.click();
        box.close();
        return toast(gettext("Download started."));
      }
      meter.firstElementChild.style.setProperty("--value", percent);
      meter.setAttribute("aria-valuenow", Math.round(percent));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (closed) return;
    }
  } catch (error) {
    if (closed) return;
    if (error.status === 401) return box.close();
    line.className = "field__error";
    line.textContent = error.message;
    meter.hidden = true;
  }
}
