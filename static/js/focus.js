// After a refused form the reader starts at the summary of what is missing.
document.querySelector("[data-focus]")?.focus();
