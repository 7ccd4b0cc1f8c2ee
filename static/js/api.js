// Every fetch of the site: JSON API, HTML fragments, beacons. Adds the CSRF token, turns refusals into ApiError
// with the server's sentence, and announces "not logged in" so that the shell can offer the log-in dialog.

globalThis.gettext ??= (text) => text;
globalThis.ngettext ??= (one, many, count) => (count === 1 ? one : many);
globalThis.interpolate ??= (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export const person = { id: meta("person"), username: meta("person-name") };
export const signedIn = Boolean(person.id);

/** The token from the cookie (it may have changed since the page was drawn), else the page's own. */
export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? meta("csrf-token");
}

export class ApiError extends Error {
  constructor(status, { code = "network", message, fields = {} } = {}, retryAfter = 0) {
    super(message || gettext("No connection. Check your network and try again."));
    Object.assign(this, { status, code, fields, retryAfter });
  }
}

const address = (path) => (path.startsWith("/") || path.startsWith("http") ? path : `/api/v1/${path}`);

async function send(path, { method = "GET", body, headers = {}, signal, keepalive, quiet = false } = {}) {
  const options = { method, signal, keepalive, credentials: "same-origin", headers: { Accept: "application/json", ...headers } };
  if (method !== "GET") options.headers["X-CSRFToken"] = csrfToken();
  if (body instanceof FormData || body instanceof Blob) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(address(path), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0);
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const fallback = { code: "server", message: gettext("Something broke on our side. Try again in a moment.") };
    const error = new ApiError(response.status, problem.error ?? fallback, Number(response.headers.get("Retry-After")) || 0);
    if (response.status === 401 && !quiet) document.dispatchEvent(new CustomEvent("signed-out"));
    throw error;
  }
  return response;
}

async function json(path, options) {
  const response = await send(path, options);
  return response.status === 204 || response.status === 205 ? null : response.json().catch(() => null);
}

export const api = {
  get: (path, options) => json(path, options),
  post: (path, body, options) => json(path, { ...options, method: "POST", body }),
  patch: (path, body, options) => json(path, { ...options, method: "PATCH", body }),
  put: (path, body, options) => json(path, { ...options, method: "PUT", body }),
  delete: (path, options) => json(path, { ...options, method: "DELETE" }),
  /** A POST whose progress (0 to 1) is told while it goes up: what fetch cannot say. */
  upload: (path, form, progress) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", address(path));
      request.responseType = "json";
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
      request.addEventListener("load", () => {
        if (request.status >= 200 && request.status < 300) return resolve(request.response);
        if (request.status === 401) document.dispatchEvent(new CustomEvent("signed-out"));
        const problem = request.response?.error ?? { code: "server", message: gettext("The upload was refused. Try again.") };
        reject(new ApiError(request.status, problem, Number(request.getResponseHeader("Retry-After")) || 0));
      });
      request.addEventListener("error", () => reject(new ApiError(0)));
      request.send(form);
    }),
  /** The raw Response, for tus and other protocols that speak in headers. */
  raw: send,
  /** A piece of HTML of ours, parsed; scripts in it do not run. */
  async fragment(path, options) {
    const response = await send(path, { ...options, headers: { Accept: "text/html", "X-Fragment": "1" } });
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    return holder.content;
  },
};
