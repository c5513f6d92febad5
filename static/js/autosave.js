// Keeps the draft of a form[data-autosave-url] on the server while it is being written.
// What the server has not got yet also waits in this browser, and is offered back when the page opens again.
const PAUSE = 4000;
const KEPT = "autosave:";
const HOUR = { hour: "numeric", minute: "2-digit", hourCycle: "h23" };

function wordsOf(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data);
}

function plain(words) {
  const copy = new URLSearchParams(words);
  ["csrf_token", "idempotency_key", "version"].forEach((name) => copy.delete(name));
  return copy.toString();
}

function keep(key, text) {
  try { text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text); } catch { /* private window */ }
}

function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function fill(form, words) {
  for (const control of form.elements) {
    if (!control.name || control.type === "file" || control.type === "hidden") continue;
    const values = words.getAll(control.name);
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = values.includes(option.value);
    else if (values.length) control.value = values[0];
  }
}

function watch(form) {
  const status = form.querySelector("[data-autosave-status]");
  // The owner keeps two people at one computer from being offered each other's words.
  const key = KEPT + (form.dataset.autosaveOwner ?? "") + ":" + form.dataset.autosaveUrl;
  let saved = plain(wordsOf(form));
  let waiting = 0;
  let leaving = false;

  const say = (text) => { if (status && text) status.textContent = text; };

  async function save(options = {}) {
    waiting = 0;
    const words = wordsOf(form);
    const now = plain(words);
    if (now === saved || leaving) return;
    keep(key, now);
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: "POST", body: words, redirect: "error",
        headers: { "X-Requested-With": "fetch", "X-CSRFToken": words.get("csrf_token") ?? "" }, ...options,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      saved = now;
      if (plain(wordsOf(form)) === now) keep(key, null);
      say(status?.dataset.saved?.replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang, HOUR)));
    } catch (error) {
      if (error.message === "412") return say(status?.dataset.changed);  // what another window wrote stays until somebody decides
      say(error.message === "401" ? status?.dataset.ended : status?.dataset.failed);
      later();
    }
  }

  function later() { if (!waiting) waiting = setTimeout(save, PAUSE); }

  function offer() {
    const text = kept(key);
    if (text === null) return;
    if (text === saved || !status) { keep(key, null); return; }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link p-0";
    button.textContent = status.dataset.recover;
    button.addEventListener("click", () => { fill(form, new URLSearchParams(text)); button.remove(); save(); });
    status.replaceChildren(button);
  }

  offer();
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // The form itself carries the words now. A dropped line must still find them, so they stay until the server has answered.
  form.addEventListener("submit", () => setTimeout(() => { leaving = true; clearTimeout(waiting); }));
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("pagehide", () => { if (!leaving) save({ keepalive: true }); });
}

document.querySelectorAll("form[data-autosave-url]").forEach(watch);
