// While a title is written, an input[data-similar-url] shows what was asked for already: the answer for the form's
// title and department_id replaces what is inside data-similar-target.
function watch(input) {
  const place = document.querySelector(input.dataset.similarTarget);
  let asked = 0;

  input.addEventListener("change", async () => {
    const turn = ++asked;
    const words = new FormData(input.form);
    const url = new URL(input.dataset.similarUrl, location.href);
    for (const name of ["title", "department_id"]) url.searchParams.set(name, words.get(name) ?? "");
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      if (!answer.ok) return;
      const html = await answer.text();
      if (turn === asked) place.innerHTML = html;
    } catch { /* the form works without */ }
  });
}

document.querySelectorAll("input[data-similar-url]").forEach(watch);
