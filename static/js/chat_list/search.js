// Search above the list: what is in the list is sifted at once by name, then come people one could write to and messages
// that hold the words. Enter opens the first, Escape clears; without scripts the same field leads to a page.

import { api } from "app/api";
import { element } from "app/dialog";
import { ago, face, faces, previewOf, titleOf } from "app/chat_list/row";

const PAUSE = 160; // ms of quiet typing before the server is asked
const FEWEST = 2; // letters before messages are searched

/** Text with the first place where `asked` stands marked, cut around it. */
export function around(text, asked, line = 40) {
  const place = text.toLowerCase().indexOf(asked.toLowerCase());
  if (place < 0 || !asked) return [text.slice(0, 4 * line)];
  const start = Math.max(0, place - line);
  const end = place + asked.length;
  const rest = text.slice(end, end + 2 * line);
  return [(start ? "…" : "") + text.slice(start, place), element("mark", { textContent: text.slice(place, end) }), rest + (text.length > end + 2 * line ? "…" : "")];
}

const row = (href, picture, name, note, time = null) =>
  element("li", {}, element("a", { class: "found__row", href }, picture,
    element("span", { class: "pick__text" }, element("strong", { textContent: name, dir: "auto" }), element("span", { class: "small quiet", dir: "auto" }, ...note)),
    time && element("time", { class: "tiny quiet", dateTime: time, textContent: ago(time) })));

const block = (title, rows) => (rows.length ? [element("h3", { class: "found__title quiet", textContent: title }), element("ul", { class: "found" }, ...rows)] : []);

export function tendSearch(list) {
  const form = list.pane.querySelector("[data-list-search]");
  const field = form?.elements.q;
  const all = list.pane.querySelector("[data-list-all]");
  const box = list.pane.querySelector("[data-list-results]");
  const ways = list.pane.querySelector(".list-ways");
  const say = list.pane.querySelector("[data-list-status]");
  if (!field) return;
  let timer = 0;
  let asked = null;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    box.hidden = true;
    box.replaceChildren();
    all.hidden = false;
    if (ways) ways.hidden = false;
    say.textContent = "";
  };

  const own = (text) =>
    list.rows.filter((one) => one.dataset.names?.includes(text)).slice(0, 8).map((one) => {
      const copy = one.cloneNode(true);
      copy.hidden = false;
      copy.querySelector('[data-act="row-menu"]')?.remove();
      return copy;
    });

  const show = (text, people, found, done) => {
    const here = own(text.toLowerCase());
    const named = new Set(here.map((one) => one.dataset.username).filter(Boolean));
    const others = people.filter((one) => !named.has(one.username)).map((one) =>
      row(`/messages/new/?to=${encodeURIComponent(one.username)}`, face(one), one.display_name, [`@${one.username}${one.request ? ` · ${gettext("as a request")}` : ""}`]));
    const messages = found.map(({ message, conversation }) =>
      row(`/messages/${conversation.id}/?message=${message.id}`, faces(conversation), titleOf(conversation), around(previewOf(message, { group: conversation.is_group, whole: true }), text), message.created_at));
    const count = here.length + others.length + messages.length;
    box.replaceChildren(
      ...(here.length ? [element("h3", { class: "found__title quiet", textContent: gettext("Conversations") }), element("ul", { class: "conversations" }, ...here)] : []),
      ...block(gettext("People"), others),
      ...block(gettext("Messages"), messages),
      ...(messages.length ? [element("a", { class: "button button--quiet panes__more", href: `/messages/search/?q=${encodeURIComponent(text)}`, textContent: gettext("All messages with these words") })] : []),
      ...(done && !count ? [element("p", { class: "quiet small list-none", textContent: gettext("Nobody and nothing by that name.") })] : []),
    );
    box.hidden = false;
    all.hidden = true;
    if (ways) ways.hidden = true;
    if (done) say.textContent = interpolate(ngettext("%(count)s found", "%(count)s found", count), { count }, true);
  };

  const ask = async (text) => {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const options = { signal, quiet: true };
    const q = encodeURIComponent(text);
    const empty = { results: [] };
    const quietly = (promise) => promise.catch((error) => (error.name === "AbortError" ? Promise.reject(error) : empty));
    try {
      const [people, found] = await Promise.all([
        quietly(api.get(`recipients/?q=${q}`, options)),
        text.length < FEWEST ? empty : quietly(api.get(`messages/search/?q=${q}`, options)),
      ]);
      if (field.value.trim() === text) show(text, people.results.slice(0, 6), found.results.slice(0, 12), true);
    } catch {
      // Asked anew meanwhile.
    }
  };

  field.addEventListener("input", () => {
    const text = field.value.trim();
    clearTimeout(timer);
    if (!text) return close();
    show(text, [], [], false);
    timer = setTimeout(() => ask(text), PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value) {
      event.preventDefault();
      event.stopPropagation();
      field.value = "";
      close();
    }
    const first = box.querySelector("a");
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    }
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") field.focus();
    if (!step) return;
    event.preventDefault();
    const links = [...box.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + step;
    (at < 0 ? field : links[Math.min(links.length - 1, at)]).focus();
  });
  form.addEventListener("submit", (event) => {
    const first = box.querySelector("a");
    if (box.hidden || !first) return; // the page with everything
    event.preventDefault();
    first.click();
  });
}
