// Says what a day already holds when an input[data-day-url] changes: the answer of data-day-url?day=2026-10-17
// replaces what is inside data-day-target (a selector, possibly of several places). data-day-with names fields of
// the form ("*-wanted_on": all that end so) that are sent along, and ask again when they change.
// A button[data-use] of the answer names a field and a day ("event_day=2026-10-17") and puts one into the other.
// What only matters at short notice ([data-when-short]) rests while the answer holds no [data-short].
function watch(input) {
  const places = document.querySelectorAll(input.dataset.dayTarget);
  const form = input.form;
  const along = (input.dataset.dayWith ?? "").split(" ").filter(Boolean);
  const goesAlong = (name) => along.some((one) => one[0] === "*" ? name.endsWith(one.slice(1)) : name === one);
  const matters = document.querySelectorAll("[data-when-short]");
  let asked = 0;

  function rest() {
    const short = [...places].some((place) => place.querySelector("[data-short]"));
    for (const part of matters) {
      const field = part.querySelector("textarea, input");
      part.hidden = !short && !field.value && !field.matches("[aria-invalid]");
    }
  }

  async function ask() {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(input.value) && (input.value || !along.length)) return;
    const turn = ++asked;
    const url = new URL(input.dataset.dayUrl, location.href);
    url.searchParams.set(input.dataset.dayParam ?? "day", input.value);
    const words = along.length ? [...new FormData(form)] : [];
    for (const [name, value] of words) if (value && goesAlong(name)) url.searchParams.append(name, value);
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      if (!answer.ok) return;
      const html = await answer.text();
      // A slow answer about an earlier day must not replace the newest.
      if (turn !== asked) return;
      for (const place of places) place.innerHTML = html;
      rest();
    } catch { /* the day can be asked about later; the form works without */ }
  }

  input.addEventListener("change", ask);
  form?.addEventListener("change", (event) => { if (goesAlong(event.target.name)) ask(); });
  for (const place of places) place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-use]");
    const [name, day] = (button?.value ?? "").split("=");
    const field = form?.elements[name];
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    field.value = day;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
  rest();
}

document.querySelectorAll("input[data-day-url]").forEach(watch);
