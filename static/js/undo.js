// Counts down the seconds in which a form[data-undo] may still be sent, and takes it away when they are over.
for (const form of document.querySelectorAll("form[data-undo]")) {
  const end = performance.now() + Number(form.dataset.undo) * 1000;
  const tick = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) { form.querySelector("[data-seconds]").textContent = left; return; }
    clearInterval(tick);
    form.remove();
  }, 250);
}
