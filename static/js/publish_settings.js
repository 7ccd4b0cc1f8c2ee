// The settings of templates/videos/publish_settings.html as the API wants them, and back. Times travel in UTC and are
// written in the person's own zone.

const pad = (value) => String(value).padStart(2, "0");

/** A moment as <input type=datetime-local> takes it. */
export function local(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** What the form says: {audience, comments, duet, stitch, download, labels, publish_at, product}; absent inputs say nothing. */
export function read(form) {
  const said = {};
  for (const name of ["audience", "comments", "duet", "stitch", "download"]) {
    if (form.elements[name]) said[name] = form.elements[name].value;
  }
  const labels = [...form.querySelectorAll("input[name=labels]")];
  if (labels.length) said.labels = labels.filter((box) => box.checked).map((box) => box.value);
  const { publish_at: when, product_title: title, product_url: url } = form.elements;
  if (when) said.publish_at = when.value ? new Date(when.value).toISOString() : null;
  if (url) said.product = url.value.trim() ? { title: title.value.trim(), url: url.value.trim() } : null;
  return said;
}

/** Writes what `read` gave (or a clip's card) into the form. */
export function fill(form, values) {
  for (const name of ["audience", "comments", "duet", "stitch", "download"]) {
    if (form.elements[name] && values[name]) form.elements[name].value = values[name];
  }
  if (values.labels) for (const box of form.querySelectorAll("input[name=labels]")) box.checked = values.labels.includes(box.value);
  const { publish_at: when, product_title: title, product_url: url } = form.elements;
  if (when && "publish_at" in values) when.value = values.publish_at ? local(values.publish_at) : "";
  if (url && "product" in values) [title.value, url.value] = [values.product?.title ?? "", values.product?.url ?? ""];
}

/** Once for each form that is shown: a clip cannot be scheduled into the past, and times show in the person's zone. */
export function dress(form) {
  const when = form.querySelector("input[name=publish_at]");
  if (!when) return;
  when.min = local(Date.now() + 5 * 60_000);
  if (when.dataset.moment) when.value = local(when.dataset.moment);
}

/** Shows the server's refusals (`error.fields`) beside the inputs they speak of; returns whether one found its place. */
export function blame(form, fields = {}) {
  let placed = false;
  for (const [path, sentence] of Object.entries(fields)) {
    const name = { "product.title": "product_title", "product.url": "product_url", product: "product_url" }[path] ?? path;
    const input = form.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!input) continue;
    input.setCustomValidity([sentence].flat().join(" "));
    input.setAttribute("aria-invalid", "true");
    input.addEventListener("input", () => {
      input.setCustomValidity("");
      input.removeAttribute("aria-invalid");
    }, { once: true });
    input.closest("details")?.setAttribute("open", "");
    if (!placed) input.reportValidity();
    placed = true;
  }
  return placed;
}
