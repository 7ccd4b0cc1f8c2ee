// How one wants to be told: proposes this browser's time zone where none is chosen, and keeps the sound of this browser.

import { chime } from "app/bell";
import { prefs, remember } from "app/prefs";

const zone = document.querySelector("[data-zone] select");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !zone.value && [...zone.options].some((option) => option.value === here)) zone.value = here;

const sound = document.querySelector("[data-chime]");
sound.checked = prefs.chime;
sound.addEventListener("change", () => {
  remember({ chime: sound.checked });
  if (sound.checked) chime();
});
