// Says what a day already holds when an input[data-day-url] changes: the answer of data-day-url?day=2026-10-17
// replaces what is inside data-day-target (a selector, possibly of several places). data-day-with names fields of
// the form that are sent along, and ask again when they change.
function watch(input) {
  const places = document.querySelectorAll(input.dataset.dayTarget);
  const along = (input.dataset.dayWith ?? "").split(" ").filter(Boolean);
  let asked = 0;

  async function ask() {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(input.value) && (input.value || !along.length)) return;
    const turn = ++asked;
    const url = new URL(input.dataset.dayUrl, location.href);
    url.searchParams.set(input.dataset.dayParam ?? "day", input.value);
    const words = along.length ? new FormData(input.form) : null;
    for (const name of along) for (const value of words.getAll(name)) url.searchParams.append(name, value);
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      if (!answer.ok) return;
      const html = await answer.text();
      // A slow answer about an earlier day must not replace the newest.
      if (turn === asked) for (const place of places) place.innerHTML = html;
    } catch { /* the day can be asked about later; the form works without */ }
  }

  input.addEventListener("change", ask);
  input.form?.addEventListener("change", (event) => { if (along.includes(event.target.name)) ask(); });
}

document.querySelectorAll("input[data-day-url]").forEach(watch);
