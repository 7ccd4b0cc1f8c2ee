// The page of a new message: one person opens the conversation with them, several make a group, which may have a name.

import { api } from "app/api";
import "app/chat_list/people_picker";

const form = document.querySelector("form.picker");
const picker = form.querySelector("people-picker");
const go = form.querySelector("[data-go]");
const name = form.querySelector("[data-group-name]");
const problem = form.querySelector("[data-problem]");

function show() {
  const count = picker.chosen.length;
  go.disabled = !count;
  name.hidden = count < 2;
  go.textContent = count > 1 ? interpolate(gettext("Start a group of %(count)s"), { count: count + 1 }, true) : gettext("Start the conversation");
  problem.textContent = "";
}

form.addEventListener("chosen", show);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  go.disabled = true;
  try {
    const body = { usernames: picker.chosen };
    if (picker.chosen.length > 1) body.name = form.elements.name.value.trim();
    const conversation = await api.post("conversations/", body);
    location.assign(`/messages/${conversation.id}/`);
  } catch (error) {
    problem.textContent = error.message;
    go.disabled = false;
  }
});
addEventListener("pageshow", show);
show();
