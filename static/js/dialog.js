// Dialogs made by script, on the native <dialog>: it traps focus, closes on Escape and returns focus by itself.

export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "form" && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

let number = 0;

/** Opens a modal dialog with a title and returns it; it is removed when it closes. A click beside it closes it. */
export function openDialog(title, content, { sheet = false, actions = [] } = {}) {
  const id = `dialog-${++number}`;
  const close = element("button", { type: "button", class: "icon-button", "aria-label": gettext("Close"), onclick: () => box.close() }, icon("x"));
  const box = element(
    "dialog",
    { class: sheet ? "dialog dialog--sheet" : "dialog", "aria-labelledby": id },
    element("div", { class: "dialog__head" }, element("h2", { id, textContent: title }), close),
    ...[content].flat(),
    actions.length ? element("div", { class: "dialog__actions" }, ...actions) : null,
  );
  box.addEventListener("click", (event) => {
    if (event.target !== box) return;
    const edge = box.getBoundingClientRect();
    const outside = event.clientX < edge.left || event.clientX > edge.right || event.clientY < edge.top || event.clientY > edge.bottom;
    if (outside) box.close();
  });
  const opener = document.activeElement;
  box.addEventListener("close", () => {
    box.remove();
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  });
  document.body.append(box);
  box.showModal();
  return box;
}

/** Asks before what cannot be undone. Resolves to true or false. */
export function confirmDialog(title, text, label) {
  return new Promise((resolve) => {
    let answer = false;
    const yes = element("button", { type: "button", class: "button button--danger", textContent: label });
    const no = element("button", { type: "button", class: "button", textContent: gettext("Cancel") });
    const box = openDialog(title, element("p", { class: "quiet", textContent: text }), { actions: [no, yes] });
    no.addEventListener("click", () => box.close());
    yes.addEventListener("click", () => {
      answer = true;
      box.close();
    });
    box.addEventListener("close", () => resolve(answer));
    no.focus();
  });
}
