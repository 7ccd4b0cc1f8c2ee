// What the server does with a new clip: stages in words, live over the socket, with polling behind it.

import { api } from "app/api";

export const stageText = (stage) =>
  ({
    upload: gettext("Waiting for its file"),
    waiting: gettext("Waiting its turn"),
    checking: gettext("Checking the file"),
    first: gettext("Making it playable"),
    ladder: gettext("Making all qualities"),
    cover: gettext("Choosing a cover"),
    done: gettext("Ready"),
  })[stage] ?? gettext("Processing");

const watchers = new Map();
let listening = false;

function listen() {
  if (listening) return;
  listening = true;
  import("app/socket")
    .then(({ socket }) => socket.on("video.progress", (data) => watchers.get(String(data.id))?.(data)))
    .catch(() => {});
}

/** A clip that is made again plays as it was meanwhile: only its last stage says that it is ready. */
const stateOf = (state, stage) => (state === "ready" && stage && stage !== "done" ? "processing" : state);

/** Calls `tell({state, stage, percent, card?})` until the clip is ready or failed. Returns a function that stops it. */
export function follow(id, tell) {
  let stopped = false;
  let card = null;
  let pause = 1000;
  const stop = () => {
    stopped = true;
    watchers.delete(String(id));
  };
  const ask = async () => {
    if (stopped) return;
    try {
      card = await api.get(`videos/${id}/`, { quiet: true });
      if (stopped) return;
      const state = card.error && card.state === "ready" ? "ready" : stateOf(card.state, card.progress?.stage);
      tell({ state, stage: card.progress?.stage, percent: card.progress?.percent ?? 0, card });
      if (state === "ready" || state === "failed") return stop();
    } catch (error) {
      if (error.status === 404) return stop();
    }
    pause = Math.min(pause * 1.3, 5000);
    timer = setTimeout(ask, pause);
  };
  let timer = setTimeout(ask, 300);
  watchers.set(String(id), (data) => {
    const state = stateOf(data.state, data.stage);
    // That it is over is told with the clip itself, which the next answer brings.
    if (state === "processing") tell({ ...data, state, card });
    const news = state !== "processing" || (data.stage === "ladder" && !card?.playback?.mp4?.length);
    if (news) {
      clearTimeout(timer);
      timer = setTimeout(ask, 100);
    }
  });
  listen();
  return stop;
}
