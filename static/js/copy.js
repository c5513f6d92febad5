// A button that copies a field; without scripts it stays hidden and the field can be marked by hand.
// The clipboard interface exists only over TLS, and an office on its own network often has none.
async function copy(field) {
  if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
  field.select();
  document.execCommand("copy");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.querySelector("span").textContent = button.dataset.copied;
  });
}
