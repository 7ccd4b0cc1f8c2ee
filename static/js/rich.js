// What people wrote, drawn as the server draws it: hashtags and mentions are links, everything else is plain text.

const TOKEN = /(?<![\p{L}\p{N}\p{M}_&/#])[#＃]([\p{L}\p{N}\p{M}_]{1,60})(?![\p{L}\p{N}\p{M}_])|(?<![\p{L}\p{N}_@/.])@([A-Za-z0-9](?:[A-Za-z0-9._]{0,22}[A-Za-z0-9_])?)(?![\p{L}\p{N}_@])/gu;

function link(text, kind, address) {
  const node = document.createElement("a");
  node.className = kind;
  node.href = address;
  node.textContent = text;
  return node;
}

/** Fills an element with a text; `data-text` keeps it as written. */
export function write(node, text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, tag, name] = match;
    if (tag && /^\p{N}+$/u.test(tag)) continue;
    parts.push(text.slice(end, match.index));
    parts.push(tag ? link(whole, "tag", `/tags/${encodeURIComponent(tag.normalize("NFKC").toLowerCase())}/`) : link(whole, "mention", `/@${name.toLowerCase()}/`));
    end = match.index + whole.length;
  }
  node.replaceChildren(...parts, text.slice(end));
  node.dataset.text = text;
}
