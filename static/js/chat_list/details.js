// Who is in a conversation and what one may set there: as a sheet beside the conversation, or on its own page. The server
// draws it; whoever changes something gets it drawn anew, and so does everybody else who has it open.

import { api } from "app/api";
import { confirmDialog, element, icon, openDialog } from "app/dialog";
import { openMenu } from "app/menu";
import { socket } from "app/socket";
import { complain, toast } from "app/toast";

const say = (text, values) => interpolate(text, values, true);

/** Opens the sheet of a conversation. */
export async function openDetails(id) {
  const box = openDialog(gettext("Details"), element("div", { class: "skeleton details__wait" }), { sheet: true });
  box.classList.add("details-sheet");
  try {
    const holder = element("div", {}, await api.fragment(`/messages/${id}/details/?fragment=1`));
    box.querySelector(".details__wait").replaceWith(holder);
    const stop = tend(holder);
    box.addEventListener("close", stop);
  } catch (error) {
    box.close();
    complain(error);
  }
  return box;
}

/** `holder` holds one drawing of the details, which is replaced by the next. Returns a function that stops following. */
function tend(holder) {
  const { details: id } = holder.querySelector("[data-details]").dataset;
  const root = () => holder.querySelector("[data-details]");
  const problem = (error) => (root().querySelector('[data-part="problem"]').textContent = error?.message ?? "");
  const people = () => [...root().querySelectorAll("[data-username]")].map((one) => one.dataset.username);

  const redraw = async () => {
    const focus = document.activeElement?.dataset?.act;
    try {
      const fresh = await api.fragment(`/messages/${id}/details/?fragment=1`, { quiet: true });
      holder.replaceChildren(fresh);
      if (focus) holder.querySelector(`[data-act="${focus}"]`)?.focus();
    } catch (error) {
      if (error.status === 404) location.assign("/messages/");
    }
  };

  const attempt = async (deed, words) => {
    problem();
    try {
      await deed();
      if (words) toast(words);
      return true;
    } catch (error) {
      problem(error);
      return false;
    }
  };

  const acts = {
    rename: (button) => {
      const form = root().querySelector("[data-rename]");
      form.hidden = false;
      button.hidden = true;
      form.elements.name.select();
    },
    add: () => addPeople(id, people(), redraw),
    person: (button) => personMenu(button, button.closest("[data-username]")),
    report: async () => (await import("app/report")).openReport({ type: "conversation", id }),
    "more-media": (button) => moreMedia(button),
    block: async () => {
      const { username } = await api.get(`conversations/${id}/`).then((card) => card.people[0]);
      if (!(await confirmDialog(say(gettext("Block @%(name)s?"), { name: username }), gettext("You disappear for each other everywhere. They are not told."), gettext("Block")))) return;
      if (await attempt(() => api.post(`users/${username}/block/`))) location.assign("/messages/");
    },
    leave: async () => {
      const sure = "group" in root().dataset
        ? [gettext("Leave this group?"), gettext("You get nothing more from it. Only somebody in it can bring you back."), gettext("Leave")]
        : [gettext("Delete this conversation for you?"), gettext("The other person keeps what they have."), gettext("Delete")];
      if (!(await confirmDialog(...sure))) return;
      if (await attempt(() => api.post(`conversations/${id}/leave/`))) location.assign("/messages/");
    },
  };

  function personMenu(button, row) {
    const { username } = row.dataset;
    const admin = "admin" in root().dataset;
    const path = `conversations/${id}/people/${username}/`;
    const isAdmin = "isAdmin" in row.dataset;
    const remove = async () => {
      const sure = await confirmDialog(say(gettext("Remove @%(name)s from the group?"), { name: username }), gettext("They get nothing more from it. What they wrote stays."), gettext("Remove"));
      if (sure && (await attempt(() => api.delete(path), say(gettext("@%(name)s is no longer in the group."), { name: username })))) redraw();
    };
    openMenu(button, [
      { icon: "user-round", text: gettext("Profile"), run: () => location.assign(`/@${username}/`) },
      { icon: "message-circle", text: gettext("Message"), run: () => location.assign(`/messages/new/?to=${encodeURIComponent(username)}`) },
      admin && !("invited" in row.dataset) && { icon: "crown", text: isAdmin ? gettext("No longer an admin") : gettext("Make an admin"), run: () => attempt(() => api.patch(path, { is_admin: !isAdmin })).then(redraw) },
      admin && { icon: "user-minus", text: gettext("Remove from the group"), danger: true, run: remove },
    ]);
  }

  async function moreMedia(button) {
    button.disabled = true;
    try {
      button.dataset.next ??= `conversations/${id}/media/`;
      const first = !button.dataset.begun;
      const { results, next } = await api.get(button.dataset.next);
      button.dataset.begun = "1";
      const list = root().querySelector(".details__media");
      if (first) list.replaceChildren();
      list.append(...results.map((message) => mediaTile(id, message)));
      if (next) button.dataset.next = next;
      else button.remove();
    } catch (error) {
      problem(error);
    }
    button.disabled = false;
  }

  const onClick = (event) => {
    const button = event.target.closest("button[data-act]");
    if (button) acts[button.dataset.act]?.(button);
  };
  const onChange = async (event) => {
    const { set } = event.target.dataset;
    if (!set) return;
    const on = event.target.checked;
    const body = { mute: { muted: on }, announcements: { muted: on }, pin: { pinned: on } }[set];
    if (!(await attempt(() => api.post(`conversations/${id}/${set}/`, body)))) event.target.checked = !on;
  };
  const onSubmit = async (event) => {
    if (!event.target.matches("[data-rename]")) return;
    event.preventDefault();
    if (await attempt(() => api.patch(`conversations/${id}/`, { name: event.target.elements.name.value }))) redraw();
  };
  holder.addEventListener("click", onClick);
  holder.addEventListener("change", onChange);
  holder.addEventListener("submit", onSubmit);
  return socket.on("conversation.updated", ({ conversation }) => {
    const busy = holder.contains(document.activeElement) && document.activeElement.matches("input[type=text]");
    if (conversation === id && !busy) redraw();
  });
}

function mediaTile(id, message) {
  const source = message.image?.url ?? (message.video.labels?.includes("sensitive") && !message.video.viewer?.own ? "" : message.video.cover);
  return element("li", {}, element("a", { href: `/messages/${id}/?message=${message.id}`, "aria-label": say(gettext("Sent by %(name)s"), { name: message.sender ?? "" }) },
    source ? element("img", { src: source, alt: "", loading: "lazy", width: 120, height: 120 }) : null, message.image ? null : icon("play")));
}

/** A sheet over the sheet: search and choose, all are added or none. */
async function addPeople(id, present, done) {
  await import("app/chat_list/people_picker");
  const page = await api.fragment("/messages/new/");
  const picker = page.querySelector("people-picker");
  picker.setAttribute("without", present.join(" "));
  for (const one of [...picker.querySelectorAll("[data-part=list] .pick")]) if (present.includes(one.dataset.username)) one.closest("li").remove();
  const wrong = element("p", { class: "field__error", role: "alert" });
  const go = element("button", { type: "submit", class: "button button--primary button--wide", disabled: true, textContent: gettext("Add") });
  const form = element("form", {
    class: "picker",
    onsubmit: async (event) => {
      event.preventDefault();
      go.disabled = true;
      try {
        await api.post(`conversations/${id}/people/`, { usernames: picker.chosen });
        box.close();
        done();
      } catch (error) {
        wrong.textContent = error.message;
        go.disabled = false;
      }
    },
  });
  form.addEventListener("chosen", (event) => {
    go.disabled = !event.detail.length;
    wrong.textContent = "";
  });
  const box = openDialog(gettext("Add people"), [page.querySelector("#find-people"), form], { sheet: true });
  box.classList.add("details-sheet");
  form.append(picker, element("div", { class: "picker__foot" }, wrong, go));
}

const alone = document.querySelector("main [data-details]");
if (alone) tend(alone.parentElement);
