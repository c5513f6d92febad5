// Shows the chosen files of an input[data-max-bytes] with their size, and refuses too large ones beside the field
// before a slow line has carried them in vain. The server checks again.
const UNITS = ["B", "KB", "MB", "GB"];

function sizeOf(bytes) {
  let at = 0;
  while (bytes >= 1024 && at < UNITS.length - 1) { bytes /= 1024; at += 1; }
  return bytes.toLocaleString(document.documentElement.lang, { maximumFractionDigits: at < 2 ? 0 : 1 }) + " " + UNITS[at];
}

function line(file, limit, template) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = file.name;
  item.append(name, " ");
  const words = document.createElement("span");
  const tooBig = file.size > limit;
  words.className = tooBig ? "error" : "muted";
  words.textContent = tooBig
    ? template.replace("{size}", sizeOf(file.size)).replace("{max}", sizeOf(limit))
    : sizeOf(file.size);
  item.append(words);
  return item;
}

function watch(input) {
  const limit = Number(input.dataset.maxBytes);
  const list = document.createElement("ul");
  list.className = "list-unstyled small mt-2 mb-0";
  list.setAttribute("aria-live", "polite");
  input.after(list);

  const refused = () => [...input.files].some((file) => file.size > limit);

  function show() {
    list.replaceChildren(...[...input.files].map((file) => line(file, limit, input.dataset.tooBig ?? "")));
    const bad = refused();
    input.closest(".field")?.classList.toggle("bad", bad);
    bad ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
  }

  input.addEventListener("change", show);
  input.form?.addEventListener("submit", (event) => {
    if (refused()) { event.preventDefault(); input.focus(); return; }
    if (!input.files.length || !input.dataset.sending) return;
    const note = document.createElement("li");
    note.textContent = input.dataset.sending;
    list.append(note);
  });
  addEventListener("pageshow", () => { if (input.files.length) show(); });
}

document.querySelectorAll('input[type="file"][data-max-bytes]').forEach(watch);
