// What the server does with a new clip: stages in words, live over the socket, with polling behind it.

import { api } from "app/api";

export const stageText = (stage) =>
  ({
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
      tell({ state: card.state, stage: card.progress?.stage, percent: card.progress?.percent ?? 0, card });
      if (card.state === "ready" || card.state === "failed") return stop();
    } catch (error) {
      if (error.status === 404) return stop();
    }
    pause = Math.min(pause * 1.3, 5000);
    timer = setTimeout(ask, pause);
  };
  let timer = setTimeout(ask, 300);
  watchers.set(String(id), (data) => {
    tell({ ...data, card });
    const news = data.state === "ready" || data.state === "failed" || (data.stage === "ladder" && !card?.playback?.mp4?.length);
    if (news) {
      clearTimeout(timer);
      timer = setTimeout(ask, 100);
    }
  });
  listen();
  return stop;
}
