// Copies what a button of the admin carries; where the browser refuses (no https), the text beside it is selected.
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (!button) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copyText);
    button.textContent = "Copied";
  } catch {
    if (button.previousElementSibling) getSelection().selectAllChildren(button.previousElementSibling);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
});
