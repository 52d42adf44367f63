// Runs before the first paint, so that a dark page never flashes white. The choice is shared with the admin.
(function () {
  const root = document.documentElement;
  const key = "adminTheme";

  function chosen() {
    try {
      return JSON.parse(localStorage.getItem(key)) || "auto";
    } catch {
      return "auto"; // no storage, or not ours: follow the system
    }
  }

  function apply() {
    const theme = chosen();
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    else delete root.dataset.theme;
    dispatchEvent(new Event("themechange"));
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  apply();
  addEventListener("storage", (event) => event.key === key && apply());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(key, JSON.stringify(next));
      apply();
    } catch {
      root.dataset.theme = next; // lasts for this page
      dispatchEvent(new Event("themechange"));
    }
  });
})();
