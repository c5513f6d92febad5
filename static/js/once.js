// A form is sent once: after the first press its buttons rest, and they wake up when the page is shown again.
// data-many on a form opts out (a form whose answer is a download leaves the page where it was).
const REST = 20000;
const SLOWEST = 20; // bytes a millisecond: files on a rural line take their time, and the buttons rest as long
const bytesOf = (form) => [...form.elements].flatMap((control) => [...(control.files ?? [])]).reduce((sum, file) => sum + file.size, 0);
const buttonsOf = (form) => [...form.elements].filter((control) => control.type === "submit");

function wake(form) {
  delete form.dataset.sent;
  for (const button of buttonsOf(form)) if (button.dataset.resting) { button.disabled = false; delete button.dataset.resting; }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Asked by name: a field called method, as that of an acceptance, stands before the form's own property.
  if (form.getAttribute("method") !== "post" || "many" in form.dataset) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  // Later, so that the pressed button's own name and value still travel, and only if nobody stopped the form.
  setTimeout(() => {
    if (event.defaultPrevented) { wake(form); return; }
    for (const button of buttonsOf(form)) if (!button.disabled) { button.disabled = true; button.dataset.resting = "yes"; }
    setTimeout(() => wake(form), REST + bytesOf(form) / SLOWEST);
  });
});

addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(wake));
