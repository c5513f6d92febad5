// A strip, tabs or chips that do not fit are shown where one stands, not at their beginning.
for (const current of document.querySelectorAll(".strip [aria-current], .tabs [aria-current], .chips [aria-current]")) {
  const row = current.closest(".strip, .tabs, .chips");
  const [at, of] = [current.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += at.left + at.width / 2 - (of.left + of.width / 2);
}
